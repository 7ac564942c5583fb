/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw files of many kinds into the file of a recording
 */

#include "importer.h"

#include <algorithm>
#include <errno.h>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string.h>

#include <fmt/format.h>

#include "isp_sim/sensor/recording_file.h"

#include "cam_log.h"
#include "dng.h"
#include "libraw.h"
#include "plain.h"

namespace fovea::tune {

using namespace fovea::sensor;
namespace fs = std::filesystem;

namespace {

/* 100 megapixels of 16 bits are a fifth of it. */
constexpr uintmax_t kMaximumFileSize = uintmax_t{ 1 } << 30;

bool readBytes(const std::string &name, std::vector<uint8_t> *bytes, std::string *error)
{
	std::error_code code;
	const uintmax_t size = fs::file_size(name, code);

	if (code || size > kMaximumFileSize) {
		*error = code ? code.message()
			      : fmt::format("{} bytes, expected at most {}", size, kMaximumFileSize);
		return false;
	}

	std::ifstream file(name, std::ios::binary);
	bytes->resize(size);
	if (!file || !file.read(reinterpret_cast<char *>(bytes->data()), size)) {
		*error = fmt::format("cannot read: {}", strerror(errno));
		return false;
	}

	return true;
}

/* Files that look like pictures and are no raw files of a camera. */
const char *otherKind(std::span<const uint8_t> bytes)
{
	static constexpr struct {
		std::string_view magic;
		const char *kind;
	} kKinds[] = {
		{ "\x89PNG", "a PNG picture" },
		{ "\xff\xd8\xff", "a JPEG picture" },
		{ "\x93NUMPY", "a NumPy array" },
		{ "P5", "a PGM picture without a sidecar" },
		{ "P6", "a PPM picture" },
	};
	const std::string_view head(reinterpret_cast<const char *>(bytes.data()),
				    std::min<size_t>(bytes.size(), 8));

	for (const auto &kind : kKinds) {
		if (head.starts_with(kind.magic))
			return kind.kind;
	}

	return nullptr;
}

/*
 * Whether a file starts as raw files of cameras do: TIFF and what is built like it
 * (NEF, CR2, ARW, ORF, RW2), CR3, RAF, MRW. Of others LibRaw would guess a camera by the size
 * of the file alone.
 */
bool isCameraFile(std::span<const uint8_t> bytes)
{
	const std::string_view head(reinterpret_cast<const char *>(bytes.data()),
				    std::min<size_t>(bytes.size(), 16));

	return head.starts_with("II") || head.starts_with("MM") || head.starts_with("FUJIFILM") ||
	       head.starts_with(std::string_view("\0MRM", 4)) ||
	       (head.size() > 11 && head.substr(4, 7) == "ftypcrx");
}

/* The samples come from LibRaw, all else from the tags as we read them. */
bool readCompressedDng(std::span<const uint8_t> bytes, RawImage *image, std::string *error)
{
	RawImage decoded{};

	if (!readWithLibRaw(bytes, &decoded, error))
		return false;

	RawLayout &layout = image->recording.layout;
	const RawLayout &other = decoded.recording.layout;
	if (layout.width != other.width || layout.height != other.height) {
		*error = fmt::format("an active area of {}x{}, but LibRaw decodes {}x{} samples",
				     layout.width, layout.height, other.width, other.height);
		return false;
	}

	layout.bitDepth = std::max(layout.bitDepth, other.bitDepth);
	image->samples = std::move(decoded.samples);
	return true;
}

bool readCameraFile(const std::string &file, const FrameSink &sink, std::string *error)
{
	std::vector<uint8_t> bytes;
	RawImage image{};

	if (!readBytes(file, &bytes, error))
		return false;
	if (const char *kind = otherKind(bytes)) {
		*error = fmt::format("{}, expected a raw file; raw samples of another kind need --format and "
				     "--size, or a sidecar (docs/recordings.md)", kind);
		return false;
	}

	switch (readDng(bytes, &image, error)) {
	case DngResult::Read:
		break;
	case DngResult::Bad:
		return false;
	case DngResult::Compressed:
		if (!readCompressedDng(bytes, &image, error))
			return false;
		break;
	case DngResult::NotDng:
		if (!isCameraFile(bytes)) {
			*error = "no raw file of a camera; raw samples need --format and --size, or a sidecar "
				 "(docs/recordings.md)";
			return false;
		}
		if (!readWithLibRaw(bytes, &image, error)) {
			*error = fmt::format("not a DNG, nor a raw file that LibRaw can read ({}); raw samples need "
					     "--format and --size, or a sidecar (docs/recordings.md)", *error);
			return false;
		}
		break;
	}

	return sink(image, error);
}

/* Whether loadRecording() would find a description. */
bool hasDescription(const std::string &file)
{
	std::error_code code;
	const fs::path path(file);

	return path.extension() == ".yaml" || path.extension() == ".yml" ||
	       fs::is_regular_file(file + ".yaml", code) ||
	       fs::is_regular_file(fs::path(file).replace_extension(".yaml"), code) ||
	       RecordingFile::isRecording(file);
}

bool readUndescribed(const std::string &file, const ImportOptions &options, const FrameSink &sink,
		   std::string *error)
{
	auto format = parsePlainFormat(options.format, options.size, error);
	if (!format)
		return false;

	Recording recording;
	recording.layout = format->layout;
	recording.layout.header = options.header;
	recording.layout.stride = options.stride;
	recording.layout.shift = options.shift;
	recording.order = format->order;
	recording.blackLevel = 0.0;
	recording.whiteLevel = (1u << recording.layout.bitDepth) - 1;
	recording.model = "camera";

	if (options.stride && options.stride < lineSize(recording.layout)) {
		*error = fmt::format("--stride: got {}, expected at least {} of a line", options.stride,
				     lineSize(recording.layout));
		return false;
	}
	if (options.shift && (recording.layout.packing != Packing::U16LE ||
			      options.shift > 16 - recording.layout.bitDepth)) {
		*error = fmt::format("--shift: got {}, expected 0 to {} with samples in words", options.shift,
				     recording.layout.packing == Packing::U16LE ? 16 - recording.layout.bitDepth : 0);
		return false;
	}

	return readPlain(file, recording, sink, error);
}

/* An odd last column or line is no mosaic: it is cut off. */
void makeEven(RawImage *image)
{
	RawLayout &layout = image->recording.layout;
	const unsigned int width = layout.width & ~1u, height = layout.height & ~1u;

	for (size_t y = 1; y < height && width != layout.width; y++)
		std::copy_n(image->samples.begin() + y * layout.width, width,
			    image->samples.begin() + y * width);
	image->samples.resize(size_t{ width } * height);
	layout.width = width;
	layout.height = height;
}

/* Frames into a file; all must be of one camera in one state. */
class SequenceWriter
{
public:
	SequenceWriter(const std::string &output, const ImportOptions &options)
		: output_(output), options_(options)
	{
	}

	bool readLog(std::string *error);
	bool add(const RawImage &image, std::string *error);
	bool finish(ImportSummary *summary, std::string *error);

private:
	bool addLog(RawImage *image, std::string *error) const;
	bool override(RawImage *image, std::string *error) const;
	bool start(const RawImage &image, std::string *error);
	bool agrees(const Recording &other, std::string *error) const;

	std::string output_;
	const ImportOptions &options_;
	RecordingWriter writer_;
	ImportSummary summary_;
	std::vector<CamFrame> log_;
};

/* What cam printed of the frames, where the command line names it. */
bool SequenceWriter::readLog(std::string *error)
{
	if (options_.camLog.empty())
		return true;

	auto log = readCamLog(options_.camLog, error);
	if (log)
		log_ = std::move(*log);
	return log.has_value();
}

/* The log has a frame for each of ours, in their order. */
bool SequenceWriter::addLog(RawImage *image, std::string *error) const
{
	if (log_.empty())
		return true;
	if (summary_.frames >= log_.size()) {
		*error = fmt::format("frame {}, but {} has {}: expected a line of each frame", summary_.frames,
				     options_.camLog, log_.size());
		return false;
	}

	const CamFrame &frame = log_[summary_.frames];
	image->info = frame.info;
	if (const auto &levels = frame.blackLevels) {
		Recording &recording = image->recording;
		const double scale = (1u << recording.layout.bitDepth) / 65536.0;
		for (size_t i = 0; i < levels->size(); i++)
			recording.blackLevels[i] = (*levels)[i] * scale;
		recording.blackLevel = std::accumulate(levels->begin(), levels->end(), 0.0) * scale / 4.0;
	}

	return true;
}

/* What the command line says takes the place of what the file says. */
bool SequenceWriter::override(RawImage *image, std::string *error) const
{
	Recording &recording = image->recording;
	FrameInfo &info = image->info;

	recording.layout.packing = recording.layout.bitDepth == 8 ? Packing::U8 : Packing::U16LE;
	recording.layout.shift = recording.layout.header = recording.layout.stride = 0;
	if (!options_.model.empty())
		recording.model = options_.model;
	if (options_.blackLevel) {
		recording.blackLevel = *options_.blackLevel;
		recording.blackLevels.fill(recording.blackLevel);
	}
	if (options_.whiteLevel)
		recording.whiteLevel = options_.whiteLevel;
	if (options_.exposure > 0.0)
		info.exposureTime = options_.exposure * 1e-6;
	if (options_.gain > 0.0)
		info.analogueGain = options_.gain;
	if (options_.lensPosition >= 0.0)
		info.lensPosition = options_.lensPosition;
	if (options_.frameRate)
		recording.frameRate = options_.frameRate;

	const unsigned int largest = (1u << recording.layout.bitDepth) - 1;
	if (recording.whiteLevel > largest || recording.blackLevel > recording.whiteLevel - 1.0) {
		*error = fmt::format("black level {} and white level {}, expected black below white, and white at most {}",
				     recording.blackLevel, recording.whiteLevel, largest);
		return false;
	}

	return true;
}

bool SequenceWriter::start(const RawImage &image, std::string *error)
{
	Recording &recording = summary_.recording;
	const FrameInfo &info = image.info;
	const bool exposed = info.exposureTime >= 1e-6 && info.exposureTime <= 100.0 &&
			     info.analogueGain >= 0.1 && info.analogueGain <= 1000.0;

	recording = image.recording;
	recording.name = options_.name.empty() ? fs::path(output_).stem().string() : options_.name;
	if (recording.name.empty())
		recording.name = "recording";
	if (options_.bracket > 1)
		recording.bracket = options_.bracket;
	if (options_.rescale || recording.bracket > 1)
		recording.mode = Recording::Mode::Rescale;
	if (exposed && !recording.capture)
		recording.capture = Capture{ info.exposureTime, info.analogueGain, 0.0 };
	if (recording.mode == Recording::Mode::Rescale && !recording.capture) {
		*error = "the file does not tell its exposure, which --rescale and --bracket need; "
			 "give --exposure-us and --gain";
		return false;
	}

	summary_.first = info;
	return writer_.open(output_, recording, error);
}

/* A frame that differs would be shown with the levels and colours of another. */
bool SequenceWriter::agrees(const Recording &other, std::string *error) const
{
	const Recording &first = summary_.recording;
	const RawLayout &a = first.layout, &b = other.layout;
	auto differ = [&](const char *what, const auto &wanted, const auto &got) {
		*error = fmt::format("{} {}, but the first frame has {}: expected frames of one camera in one mode",
				     what, got, wanted);
		return false;
	};

	if (a.width != b.width || a.height != b.height)
		return differ("size", fmt::format("{}x{}", a.width, a.height),
			      fmt::format("{}x{}", b.width, b.height));
	if (a.bitDepth != b.bitDepth)
		return differ("bit depth", a.bitDepth, b.bitDepth);
	if (first.order != other.order)
		return differ("Bayer order", static_cast<int>(first.order), static_cast<int>(other.order));
	if (first.whiteLevel != other.whiteLevel)
		return differ("white level", first.whiteLevel, other.whiteLevel);
	if (first.blackLevels != other.blackLevels)
		return differ("black level", first.blackLevel, other.blackLevel);
	if (first.model != other.model)
		return differ("model", first.model, other.model);
	if (first.orientation != other.orientation)
		return differ("orientation", static_cast<int>(first.orientation),
			      static_cast<int>(other.orientation));

	return true;
}

bool SequenceWriter::add(const RawImage &original, std::string *error)
{
	RawImage image = original;

	makeEven(&image);
	if (!addLog(&image, error) || !override(&image, error) ||
	    (summary_.frames == 0 ? !start(image, error) : !agrees(image.recording, error)))
		return false;

	if (summary_.recording.bracket > 1 &&
	    (image.info.exposureTime <= 0.0 || image.info.analogueGain <= 0.0)) {
		*error = "the file does not tell its exposure, which a bracket needs";
		return false;
	}

	if (image.info.sequence == 0)
		image.info.sequence = summary_.frames;
	summary_.frames++;
	if (image.recording.layout.bitDepth == 8) {
		const std::vector<uint8_t> bytes(image.samples.begin(), image.samples.end());
		return writer_.add(image.info, bytes, {}, error);
	}

	return writer_.add(image.info, { reinterpret_cast<const uint8_t *>(image.samples.data()),
					 image.samples.size() * sizeof(uint16_t) }, {}, error);
}

bool SequenceWriter::finish(ImportSummary *summary, std::string *error)
{
	if (!log_.empty() && summary_.frames != log_.size()) {
		*error = fmt::format("{} has {} frames, but the files have {}: expected as many", options_.camLog,
				     log_.size(), summary_.frames);
		return false;
	}
	if (summary_.frames % summary_.recording.bracket) {
		*error = fmt::format("--bracket: got {}, expected a divisor of the {} frames",
				     summary_.recording.bracket, summary_.frames);
		return false;
	}

	*summary = summary_;
	return writer_.finish(error);
}

/* Of a directory its raw files, by name; else the file itself. */
bool expand(const std::vector<std::string> &names, std::vector<std::string> *files, std::string *error)
{
	static constexpr const char *kExtensions[] = { ".dng", ".nef", ".cr2", ".arw" };

	for (const std::string &name : names) {
		std::error_code code;
		if (!fs::is_directory(name, code) || fs::exists(fs::path(name) / "recording.yaml", code)) {
			files->push_back(name);
			continue;
		}

		std::vector<std::string> found;
		for (const fs::directory_entry &entry : fs::directory_iterator(name, code)) {
			std::string extension = entry.path().extension().string();
			std::transform(extension.begin(), extension.end(), extension.begin(),
				       [](unsigned char c) { return tolower(c); });
			if (std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
			    std::end(kExtensions))
				found.push_back(entry.path().string());
		}
		if (found.empty()) {
			*error = fmt::format("{}: no file in it ends with {}", name,
					     fmt::join(kExtensions, ", "));
			return false;
		}
		std::sort(found.begin(), found.end());
		files->insert(files->end(), found.begin(), found.end());
	}

	return true;
}

} /* namespace */

/**
 * \brief Read the frames of one file
 * \param[in] file A DNG, a raw file that LibRaw knows, a recording, a sidecar or a raw file
 * with one, or raw samples that \a options describe
 * \param[in] options What the command line says
 * \param[in] sink Takes the frames
 * \param[out] error What is wrong, and where; the name of the file is left out
 */
bool readRaw(const std::string &file, const ImportOptions &options, const FrameSink &sink,
	     std::string *error)
{
	error->clear();
	if (!options.format.empty())
		return readUndescribed(file, options, sink, error);
	if (hasDescription(file) || fs::is_directory(file))
		return readSidecar(file, options.dataDirectories, sink, error);

	return readCameraFile(file, sink, error);
}

/**
 * \brief Make a recording
 * \param[in] files Its frames, in this order; a directory stands for the raw files in it
 * \param[in] output The file to write; nothing is left of it after an error
 * \param[in] options What the command line says
 * \param[in] progress Told of each file
 * \param[out] summary What came out
 * \param[out] error The file, what is wrong with it, and where
 *
 * The same files give the same bytes.
 */
bool importFiles(const std::vector<std::string> &names, const std::string &output,
		 const ImportOptions &options, const ImportProgress &progress,
		 ImportSummary *summary, std::string *error)
{
	SequenceWriter writer(output, options);
	std::vector<std::string> files;

	if (!expand(names, &files, error) || !writer.readLog(error))
		return false;

	/* It would lose what belongs to the frames of a session. */
	std::error_code code;
	for (const std::string &file : files) {
		if (fs::equivalent(file, output, code)) {
			*error = fmt::format("{}: the output is one of the files to import", file);
			return false;
		}
	}

	FrameSink sink = [&](const RawImage &image, std::string *wrong) {
		return writer.add(image, wrong);
	};
	for (size_t i = 0; i < files.size(); i++) {
		progress(i, files.size());
		if (!readRaw(files[i], options, sink, error)) {
			if (!error->starts_with(files[i]))
				*error = files[i] + ": " + *error;
			return false;
		}
	}

	return writer.finish(summary, error);
}

} /* namespace fovea::tune */
