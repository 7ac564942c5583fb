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

namespace fovea::sensor {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaximumFrames = 100000;
constexpr int64_t kMaximumFrameSize = 1 << 30;

bool readLayout(const Config &config, RawLayout *layout)
{
	std::vector<int64_t> size;
	size_t depth, packing;
	int64_t shift = 0, header = 0, stride = 0;

	if (!config.integers("size", 2, 16, 16384, &size) ||
	    !config.choice("bit_depth", { "8", "10", "12", "14", "16" }, &depth) ||
	    !config.choice("packing", { "u8", "u16le", "csi2p", "pgm" }, &packing))
		return false;

	*layout = { static_cast<unsigned int>(size[0]), static_cast<unsigned int>(size[1]),
		    static_cast<unsigned int>(8 + 2 * depth), static_cast<Packing>(packing), 0, 0, 0 };

	if (layout->packing == Packing::U8 && layout->bitDepth != 8)
		return config.fail("bit_depth", "expected 8 with packing u8");
	if (layout->packing == Packing::CSI2P && (layout->bitDepth < 10 || layout->bitDepth > 14))
		return config.fail("bit_depth", "expected 10, 12 or 14 with packing csi2p");

	if (config.has("shift")) {
		if (layout->packing != Packing::U16LE && layout->packing != Packing::PGM)
			return config.fail("shift", "expected only with packing u16le or pgm");
		if (!config.integer("shift", 0, 16 - layout->bitDepth, &shift))
			return false;
	}

	if (layout->packing == Packing::PGM && (config.has("header") || config.has("stride")))
		return config.fail(config.has("header") ? "header" : "stride",
				   "expected none with packing pgm, the file's own header tells");
	if (config.has("header") && !config.integer("header", 0, kMaximumFrameSize, &header))
		return false;
	if (config.has("stride") &&
	    !config.integer("stride", lineSize(*layout), 1 << 20, &stride))
		return false;

	layout->shift = shift;
	layout->header = header;
	layout->stride = stride;
	return true;
}

bool readCapture(const Config &config, std::optional<Capture> *capture)
{
	Capture c{};
	double microseconds;

	if (!config.onlyKeys({ "exposure_us", "analogue_gain", "colour_temperature" }) ||
	    !config.number("exposure_us", 1.0, 1e8, &microseconds) ||
	    !config.number("analogue_gain", 0.1, 1000.0, &c.analogueGain))
		return false;
	if (config.has("colour_temperature") &&
	    !config.number("colour_temperature", 1000.0, 25000.0, &c.colourTemperature))
		return false;

	c.exposureTime = microseconds * 1e-6;
	*capture = c;
	return true;
}

/* The names that a pattern with one %d or %0Nd stands for. */
bool readPattern(const Config &config, std::vector<std::string> *frames)
{
	std::string pattern;
	int64_t first = 0, count;

	if (!config.onlyKeys({ "pattern", "first", "count" }) ||
	    !config.text("pattern", &pattern) ||
	    (config.has("first") && !config.integer("first", 0, 1'000'000'000, &first)) ||
	    !config.integer("count", 1, kMaximumFrames, &count))
		return false;

	size_t start = pattern.find('%');
	size_t end = start == std::string::npos ? start : pattern.find('d', start);
	std::string width;
	if (end != std::string::npos)
		width = pattern.substr(start + 1, end - start - 1);

	bool digits = width.empty() || (width.size() == 2 && width[0] == '0' &&
					width[1] >= '1' && width[1] <= '9');
	if (end == std::string::npos || !digits || pattern.find('%', end) != std::string::npos)
		return config.fail("pattern", fmt::format("got '{}', expected exactly one %d or %0Nd (N from 1 to 9)",
							  pattern));

	for (int64_t i = 0; i < count; i++)
		frames->push_back(fmt::format("{}{:0{}}{}", pattern.substr(0, start), first + i,
					      width.empty() ? 1 : width[1] - '0',
					      pattern.substr(end + 1)));

	return true;
}

bool readFrames(const Config &config, std::vector<std::string> *frames)
{
	if (config.isMap("frames"))
		return readPattern(config.child("frames"), frames);

	if (!config.isSequence("frames"))
		return config.fail("frames", "expected a list of files, or a map of pattern, first and count");

	if (!config.texts("frames", frames))
		return false;
	if (frames->size() > kMaximumFrames)
		return config.fail("frames", fmt::format("{} frames, expected at most {}",
							 frames->size(), kMaximumFrames));

	return true;
}

bool readLevels(const Config &config, Recording *recording)
{
	int64_t maximum = (1 << recording->layout.bitDepth) - 1;
	int64_t white;

	if (!config.integer("white_level", 1, maximum, &white) ||
	    !config.number("black_level", 0, white - 1, &recording->blackLevel))
		return false;

	recording->whiteLevel = white;
	return true;
}

bool readOptions(const Config &config, Recording *recording)
{
	size_t index;
	int64_t rate;

	if (config.has("orientation")) {
		if (!config.choice("orientation", { "rotate0", "rotate180", "mirror-x", "mirror-y" }, &index))
			return false;
		recording->orientation = static_cast<Recording::Orientation>(index);
	}

	if (config.has("mode")) {
		if (!config.choice("mode", { "exact", "rescale" }, &index))
			return false;
		recording->mode = static_cast<Recording::Mode>(index);
	}

	if (config.has("frame_rate")) {
		if (!config.integer("frame_rate", 1, 240, &rate))
			return false;
		recording->frameRate = rate;
	}

	return !config.has("loop") || config.boolean("loop", &recording->loop);
}

bool readRecording(const Config &config, Recording *recording)
{
	int64_t version;
	size_t order;

	if (!config.onlyKeys({ "version", "name", "description", "model", "size", "bit_depth",
			       "packing", "shift", "header", "stride", "bayer_order",
			       "black_level", "white_level", "orientation", "mode", "capture",
			       "frame_rate", "frames", "loop" }) ||
	    !config.integer("version", 1, 1, &version) ||
	    !config.text("name", &recording->name) ||
	    (config.has("description") && !config.text("description", &recording->description)) ||
	    !config.text("model", &recording->model) ||
	    !readLayout(config, &recording->layout) ||
	    !config.choice("bayer_order", { "RGGB", "GRBG", "GBRG", "BGGR" }, &order) ||
	    !readLevels(config, recording) || !readOptions(config, recording) ||
	    !readFrames(config, &recording->frames))
		return false;
	recording->order = static_cast<BayerOrder>(order);

	/* The name of the sub-device is made of it. */
	if (recording->model.size() > 20 ||
	    recording->model.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
		return config.fail("model", "expected at most 20 of a-z, 0-9 and -");

	if (config.has("capture")) {
		if (!config.isMap("capture"))
			return config.fail("capture", "expected a map of exposure_us and analogue_gain");
		return readCapture(config.child("capture"), &recording->capture);
	}

	if (recording->mode == Recording::Mode::Rescale)
		return config.fail("capture", "missing; mode rescale needs exposure_us and analogue_gain");

	return true;
}

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
	if (ec || size > kMaximumFrameSize) {
		*error = ec ? ec.message() : fmt::format("{} bytes, expected at most {}", size,
							 kMaximumFrameSize);
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

/**
 * \brief Read a recording's sidecar from text
 * \param[in] text The YAML text; docs/recordings.md has the schema
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong: file, line, field and the expected range
 *
 * The frames are the names as they stand there.
 */
std::optional<Recording> parseRecording(std::string_view text, const std::string &fileName,
					std::string *error)
{
	Recording recording;

	if (!Config::parse(text, fileName, error,
			   [&](const Config &config) { return readRecording(config, &recording); }))
		return std::nullopt;

	return recording;
}

/**
 * \brief Read a recording's sidecar and find its frames
 * \param[in] file The sidecar, a raw file that has one, or a directory with
 * a recording.yaml in it
 * \param[in] dataDirectories Where to look for frames that are not beside it
 * \param[out] error What is wrong
 */
std::optional<Recording> loadRecording(const std::string &file,
				       const std::vector<std::string> &dataDirectories,
				       std::string *error)
{
	std::string sidecar = findSidecar(file);
	std::string text;

	if (!isRegularFile(sidecar)) {
		*error = sidecar == file
				 ? fmt::format("{}: no such recording", file)
				 : fmt::format("{}: needs a sidecar {}; docs/recordings.md says what to write there",
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

/* Read and unpack one frame. The error names the frame's file. */
bool readFrame(const Recording &recording, size_t frame, std::vector<uint16_t> *samples,
	       std::string *error)
{
	const std::string &name = recording.frames[frame];
	std::vector<uint8_t> data;

	if (!readFile(name, &data, error) || !unpack(data, recording.layout, samples, error)) {
		*error = name + ": " + *error;
		return false;
	}

	return true;
}

} /* namespace fovea::sensor */
