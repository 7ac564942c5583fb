/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Recordings: raw frames in files, and the sidecar that describes them
 */

#include "isp_sim/sensor/recording.h"

#include <errno.h>
#include <filesystem>
#include <fstream>
#include <string.h>

#include <fmt/format.h>

#include "isp_sim/sensor/config.h"
#include "isp_sim/sensor/recording_file.h"

namespace fovea::sensor {

namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMaximumFileSize = uintmax_t{ 1 } << 30;

bool isRegularFile(const fs::path &path)
{
	std::error_code ec;

	return fs::is_regular_file(path, ec) && !ec;
}

/* The sidecar of a sidecar, of a raw file, or of a directory. */
std::string findSidecar(const std::string &file)
{
	std::error_code ec;
	fs::path path(file);

	if (fs::is_directory(path, ec))
		return (path / "recording.yaml").string();
	if (path.extension() == ".yaml" || path.extension() == ".yml")
		return file;

	fs::path appended(file + ".yaml");
	if (isRegularFile(appended))
		return appended.string();

	return path.replace_extension(".yaml").string();
}

/* Frames lie beside the sidecar, or below one of the data directories. */
bool resolveFrames(Recording *recording, const std::string &sidecar,
		   const std::vector<std::string> &dataDirectories, std::string *error)
{
	std::vector<fs::path> directories{ fs::path(sidecar).parent_path() };
	directories.insert(directories.end(), dataDirectories.begin(), dataDirectories.end());

	for (std::string &frame : recording->frames) {
		bool found = false;
		for (const fs::path &directory : directories) {
			fs::path candidate = directory / frame;
			if (isRegularFile(candidate)) {
				frame = candidate.string();
				found = true;
				break;
			}
		}

		if (!found) {
			*error = fmt::format("{}: field 'frames': no file '{}' beside the sidecar or in: {}; "
					     "set FOVEA_DATA_PATH to the directory that holds it",
					     sidecar, frame, fmt::join(dataDirectories, ", "));
			return false;
		}
	}

	return true;
}

bool readFile(const std::string &name, std::vector<uint8_t> *data, std::string *error)
{
	std::error_code ec;
	uintmax_t size = fs::file_size(name, ec);
	if (ec || size > kMaximumFileSize) {
		*error = ec ? ec.message() : fmt::format("{} bytes, expected at most {}", size,
							 kMaximumFileSize);
		return false;
	}

	std::ifstream file(name, std::ios::binary);
	data->resize(size);
	if (!file || !file.read(reinterpret_cast<char *>(data->data()), size)) {
		*error = fmt::format("cannot read: {}", strerror(errno));
		return false;
	}

	return true;
}

} /* namespace */

/** \brief How a frame was taken; what is not known of it is that of the capture */
FrameInfo Recording::info(size_t frame) const
{
	FrameInfo info = frame < infos.size() ? infos[frame] : FrameInfo{};

	if (capture && info.exposureTime <= 0.0)
		info.exposureTime = capture->exposureTime;
	if (capture && info.analogueGain <= 0.0)
		info.analogueGain = capture->analogueGain;

	return info;
}

/**
 * \brief Read what is said of a recording and find its frames
 * \param[in] file The recording's file, its sidecar, a raw file that has one, or a
 * directory with a recording.yaml in it
 * \param[in] dataDirectories Where to look for frames that are not beside it
 * \param[out] error What is wrong
 */
std::optional<Recording> loadRecording(const std::string &file,
				       const std::vector<std::string> &dataDirectories,
				       std::string *error)
{
	if (RecordingFile::isRecording(file)) {
		std::optional<Recording> recording;
		RecordingFile::open(file, &recording, error);
		return recording;
	}

	std::string sidecar = findSidecar(file);
	std::string text;

	if (!isRegularFile(sidecar)) {
		*error = sidecar == file || !isRegularFile(file)
				 ? fmt::format("{}: no such recording", file)
				 : fmt::format("{}: needs a sidecar {} (docs/recordings.md); of a camera's file, make a "
					       "recording with 'fovea-tune import'",
					       file, sidecar);
		return std::nullopt;
	}

	if (!readTextFile(sidecar, &text, error))
		return std::nullopt;

	auto recording = parseRecording(text, sidecar, error);
	if (!recording || !resolveFrames(&*recording, sidecar, dataDirectories, error))
		return std::nullopt;

	return recording;
}

/**
 * \brief Read and unpack one frame
 * \param[in] recording The recording
 * \param[in] frame The frame's index
 * \param[out] samples width x height samples
 * \param[out] error The frame's file, and what is wrong with it
 */
bool FrameReader::read(const Recording &recording, size_t frame, std::vector<uint16_t> *samples,
		       std::string *error)
{
	const bool one = recording.file != nullptr;
	const std::string name = one ? fmt::format("{}: frame {}", recording.name, frame)
				     : recording.frames[frame];

	if (one) {
		bytes_.resize(recording.file->frameSize());
		if (!recording.file->readSamples(frame, bytes_, error))
			return false;
	} else if (!readFile(name, &bytes_, error)) {
		*error = name + ": " + *error;
		return false;
	}

	if (!unpack(bytes_, recording.layout, samples, error)) {
		*error = name + ": " + *error;
		return false;
	}

	return true;
}

/** \brief Read one frame of a few; see FrameReader */
bool readFrame(const Recording &recording, size_t frame, std::vector<uint16_t> *samples,
	       std::string *error)
{
	return FrameReader().read(recording, frame, samples, error);
}

} /* namespace fovea::sensor */
