/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The description of a recording: what a sidecar and the head of a file say
 */

#include "isp_sim/sensor/recording.h"

#include <fmt/format.h>

#include "isp_sim/sensor/config.h"

namespace fovea::sensor {

namespace {

constexpr size_t kMaximumFrames = 100000;
constexpr int64_t kMaximumFrameSize = 1 << 30;
constexpr size_t kMaximumMatrices = 3;
constexpr size_t kMaximumModelName = 20;
constexpr double kMaximumCoefficient = 1000.0;

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

/* One frame of a list, with what is known of how it was taken. */
bool readFrameMap(const Config &config, std::string *file, FrameInfo *info)
{
	double microseconds = 0.0, dioptres;
	int64_t timestamp = 0;

	if (!config.onlyKeys({ "file", "exposure_us", "analogue_gain", "lens_position",
			       "timestamp_ns" }) ||
	    !config.text("file", file) ||
	    (config.has("exposure_us") && !config.number("exposure_us", 1.0, 1e8, &microseconds)) ||
	    (config.has("analogue_gain") &&
	     !config.number("analogue_gain", 0.1, 1000.0, &info->analogueGain)) ||
	    (config.has("timestamp_ns") &&
	     !config.integer("timestamp_ns", 0, INT64_MAX, &timestamp)))
		return false;

	if (config.has("lens_position")) {
		if (!config.number("lens_position", 0.0, 1000.0, &dioptres))
			return false;
		info->lensPosition = dioptres;
	}

	info->exposureTime = microseconds * 1e-6;
	info->timestamp = timestamp;
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

bool readFrames(const Config &config, Recording *recording)
{
	std::vector<std::string> &frames = recording->frames;

	if (config.isMap("frames"))
		return readPattern(config.child("frames"), &frames);

	if (!config.isSequence("frames"))
		return config.fail("frames", "expected a list of files or maps, or a map of pattern, first and count");

	std::vector<Config> maps;
	if (config.isSequenceOfMaps("frames")) {
		if (!config.children("frames", &maps))
			return false;
		for (const Config &map : maps) {
			FrameInfo &info = recording->infos.emplace_back();
			if (!readFrameMap(map, &frames.emplace_back(), &info))
				return false;
		}
		return true;
	}

	if (!config.texts("frames", &frames))
		return false;
	if (frames.size() > kMaximumFrames)
		return config.fail("frames", fmt::format("{} frames, expected at most {}",
							 frames.size(), kMaximumFrames));

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
	recording->blackLevels.fill(recording->blackLevel);
	return !config.has("black_levels") ||
	       config.numbers("black_levels", 4, 0, white - 1, recording->blackLevels.data());
}

/* Colour as DNG has it: its tags ColorMatrix, CameraCalibration and ForwardMatrix. */
bool readMatrix(const Config &config, ColourMatrix *matrix)
{
	int64_t illuminant = 0;
	auto optional = [&](const char *key, std::optional<Matrix9> *values) {
		return !config.has(key) ||
		       config.numbers(key, 9, -kMaximumCoefficient, kMaximumCoefficient,
				      values->emplace().data());
	};

	if (!config.onlyKeys({ "illuminant", "xyz_to_camera", "calibration", "forward" }) ||
	    (config.has("illuminant") && !config.integer("illuminant", 0, 255, &illuminant)) ||
	    !config.numbers("xyz_to_camera", 9, -kMaximumCoefficient, kMaximumCoefficient,
			    matrix->xyzToCamera.data()) ||
	    !optional("calibration", &matrix->calibration) ||
	    !optional("forward", &matrix->forward))
		return false;

	matrix->illuminant = illuminant;
	return true;
}

bool readMatrices(const Config &config, std::vector<ColourMatrix> *matrices)
{
	std::vector<Config> maps;

	if (!config.children("matrices", &maps))
		return false;
	if (maps.size() > kMaximumMatrices)
		return config.fail("matrices", fmt::format("{} matrices, expected at most {}",
							   maps.size(), kMaximumMatrices));

	for (const Config &map : maps) {
		if (!readMatrix(map, &matrices->emplace_back()))
			return false;
	}

	return true;
}

bool readNoise(const Config &config, std::optional<NoiseModel> *noise)
{
	NoiseModel n{};

	if (!config.onlyKeys({ "conversion_gain", "read_noise", "converter_noise" }) ||
	    !config.number("conversion_gain", 1e-6, 1e4, &n.conversionGain) ||
	    (config.has("read_noise") && !config.number("read_noise", 0.0, 1e5, &n.readNoise)) ||
	    (config.has("converter_noise") &&
	     !config.number("converter_noise", 0.0, 1e4, &n.converterNoise)))
		return false;

	*noise = n;
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

	if (config.has("matrices") && !readMatrices(config, &recording->matrices))
		return false;
	if (config.has("source") && !config.text("source", &recording->source))
		return false;

	if (config.has("noise")) {
		if (!config.isMap("noise"))
			return config.fail("noise", "expected a map of conversion_gain, read_noise and converter_noise");
		if (!readNoise(config.child("noise"), &recording->noise))
			return false;
	}

	return !config.has("loop") || config.boolean("loop", &recording->loop);
}

/* A bracket needs to know how each of its frames was exposed. */
bool readBracket(const Config &config, Recording *recording)
{
	int64_t bracket = 1;

	if (!config.has("bracket"))
		return true;
	if (!config.integer("bracket", 1, kMaximumBracket, &bracket))
		return false;
	if (bracket > 1 && recording->mode != Recording::Mode::Rescale)
		return config.fail("bracket", "expected mode: rescale with it");

	recording->bracket = bracket;
	return true;
}

bool readCommon(const Config &config, Recording *recording)
{
	int64_t version;
	size_t order;

	if (!config.integer("version", 1, 1, &version) ||
	    !config.text("name", &recording->name) ||
	    (config.has("description") && !config.text("description", &recording->description)) ||
	    !config.text("model", &recording->model) ||
	    !readLayout(config, &recording->layout) ||
	    !config.choice("bayer_order", { "RGGB", "GRBG", "GBRG", "BGGR" }, &order) ||
	    !readLevels(config, recording) || !readOptions(config, recording) ||
	    !readBracket(config, recording))
		return false;
	recording->order = static_cast<BayerOrder>(order);

	/* The name of the sub-device is made of it. */
	if (recording->model.size() > kMaximumModelName ||
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

bool readSidecar(const Config &config, Recording *recording)
{
	if (!config.onlyKeys({ "version", "name", "description", "model", "size", "bit_depth",
			       "packing", "shift", "header", "stride", "bayer_order",
			       "black_level", "black_levels", "white_level", "orientation",
			       "mode", "bracket", "capture", "frame_rate", "frames", "loop",
			       "noise", "matrices", "source" }) ||
	    !readCommon(config, recording) || !readFrames(config, recording))
		return false;

	if (recording->frames.size() % recording->bracket)
		return config.fail("bracket", fmt::format("{} frames, expected a multiple of it",
							  recording->frames.size()));

	recording->infos.resize(recording->frames.size());
	for (size_t i = 0; i < recording->infos.size(); i++)
		recording->infos[i].sequence = i;
	return true;
}

bool readDescription(const Config &config, Recording *recording)
{
	if (!config.onlyKeys({ "version", "name", "description", "model", "size", "bit_depth",
			       "packing", "bayer_order", "black_level", "black_levels",
			       "white_level", "orientation", "mode", "bracket", "capture",
			       "frame_rate", "loop", "noise", "matrices", "source" }) ||
	    !readCommon(config, recording))
		return false;

	const RawLayout &layout = recording->layout;
	if ((layout.packing == Packing::U8) != (layout.bitDepth == 8) || layout.packing == Packing::PGM)
		return config.fail("packing", "expected u8 of 8 bits, csi2p or u16le of more");

	return true;
}

/* A YAML text in double quotes. */
std::string quoted(const std::string &text)
{
	std::string result = "\"";

	for (unsigned char c : text) {
		if (c == '"' || c == '\\')
			result += fmt::format("\\{:c}", c);
		else if (c < 0x20 || c == 0x7f)
			result += fmt::format("\\x{:02x}", c);
		else
			result += static_cast<char>(c);
	}

	return result + "\"";
}

template<size_t N>
std::string list(const std::array<double, N> &values)
{
	return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string describeMatrix(const ColourMatrix &matrix)
{
	std::string text = fmt::format("  - {{ illuminant: {}, xyz_to_camera: {}",
				       matrix.illuminant, list(matrix.xyzToCamera));

	if (matrix.calibration)
		text += fmt::format(", calibration: {}", list(*matrix.calibration));
	if (matrix.forward)
		text += fmt::format(", forward: {}", list(*matrix.forward));

	return text + " }\n";
}

std::string describeOptions(const Recording &recording)
{
	static constexpr const char *kOrientations[] = { "rotate0", "rotate180", "mirror-x", "mirror-y" };
	std::string text;

	text += fmt::format("orientation: {}\nmode: {}\nframe_rate: {}\nloop: {}\n",
			    kOrientations[static_cast<size_t>(recording.orientation)],
			    recording.mode == Recording::Mode::Exact ? "exact" : "rescale",
			    recording.frameRate, recording.loop);
	if (recording.bracket > 1)
		text += fmt::format("bracket: {}\n", recording.bracket);
	if (const auto &capture = recording.capture) {
		text += fmt::format("capture: {{ exposure_us: {}, analogue_gain: {}",
				    capture->exposureTime * 1e6, capture->analogueGain);
		if (capture->colourTemperature > 0.0)
			text += fmt::format(", colour_temperature: {}", capture->colourTemperature);
		text += " }\n";
	}
	if (const auto &noise = recording.noise)
		text += fmt::format("noise: {{ conversion_gain: {}, read_noise: {}, converter_noise: {} }}\n",
				    noise->conversionGain, noise->readNoise, noise->converterNoise);
	if (!recording.matrices.empty())
		text += "matrices:\n";
	for (const ColourMatrix &matrix : recording.matrices)
		text += describeMatrix(matrix);

	return text;
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
			   [&](const Config &config) { return readSidecar(config, &recording); }))
		return std::nullopt;

	return recording;
}

/**
 * \brief Read the description in the head of a recording's file
 *
 * The fields are those of a sidecar, without the ones that say where the frames
 * are. The recording has no frames yet.
 */
std::optional<Recording> parseDescription(std::string_view text, const std::string &fileName,
					  std::string *error)
{
	Recording recording;

	if (!Config::parse(text, fileName, error,
			   [&](const Config &config) { return readDescription(config, &recording); }))
		return std::nullopt;

	return recording;
}

/**
 * \brief The text that parseDescription() reads \a recording from
 *
 * The same recording gives the same text.
 */
std::string describe(const Recording &recording)
{
	static constexpr const char *kOrders[] = { "RGGB", "GRBG", "GBRG", "BGGR" };
	static constexpr const char *kPackings[] = { "u8", "u16le", "csi2p", "pgm" };
	std::string text = "version: 1\n";

	text += fmt::format("name: {}\n", quoted(recording.name));
	if (!recording.description.empty())
		text += fmt::format("description: {}\n", quoted(recording.description));
	if (!recording.source.empty())
		text += fmt::format("source: {}\n", quoted(recording.source));
	text += fmt::format("model: {}\nsize: [{}, {}]\nbit_depth: {}\npacking: {}\n",
			    recording.model, recording.layout.width, recording.layout.height,
			    recording.layout.bitDepth, kPackings[static_cast<size_t>(recording.layout.packing)]);
	text += fmt::format("bayer_order: {}\nblack_level: {}\nblack_levels: {}\nwhite_level: {}\n",
			    kOrders[static_cast<size_t>(recording.order)], recording.blackLevel,
			    list(recording.blackLevels), recording.whiteLevel);

	return text + describeOptions(recording);
}

} /* namespace fovea::sensor */
