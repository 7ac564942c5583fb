/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that replays a recording
 */

#include "isp_sim/sensor/recorded_sensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <errno.h>
#include <math.h>
#include <string.h>

#include <fmt/format.h>

#include "isp_sim/sensor/aligned_bytes.h"
#include "isp_sim/sensor/csi2_packing.h"
#include "isp_sim/sensor/frame_source.h"
#include "isp_sim/sensor/noise.h"
#include "isp_sim/sensor/recording_file.h"
#include "isp_sim/sensor/response.h"
#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

static_assert(std::endian::native == std::endian::little,
	      "frames are written as 16-bit little-endian words");

namespace {

/* Sequences up to this size are kept in memory; longer ones are read ahead. */
constexpr uint64_t kMaximumResident = uint64_t{ 512 } << 20;

/* Lanes of the CSI-2 link whose frequency is told. */
constexpr unsigned int kLanes = 2;

/* The first \a width samples of a line, as little-endian words. */
void lineToWords(const uint8_t *line, const RawLayout &layout, unsigned int width, uint8_t *words)
{
	switch (layout.packing) {
	case Packing::CSI2P:
		unpackCsi2Line(line, width, layout.bitDepth, words);
		break;
	case Packing::U8:
		for (unsigned int x = 0; x < width; x++) {
			words[2 * x] = line[x];
			words[2 * x + 1] = 0;
		}
		break;
	default:
		memcpy(words, line, size_t{ width } * 2);
		break;
	}
}

/* The same of 8 bits, as bytes. */
void lineToBytes(const uint8_t *line, const RawLayout &layout, unsigned int width, uint8_t *bytes)
{
	const unsigned int step = layout.packing == Packing::U8 ? 1 : 2;

	for (unsigned int x = 0; x < width; x++)
		bytes[x] = line[step * x];
}

class RecordedSensor : public Sensor
{
public:
	RecordedSensor(Recording recording, const SensorModel *model);

	int load(std::string *error);

	const Properties &properties() const override { return properties_; }

	int render(const FrameSettings &settings, uint32_t sequence,
		   std::chrono::nanoseconds time,
		   std::span<uint8_t> raw, size_t stride) override;

private:
	bool takeMode(const SensorModel &model);
	void setTimings();
	void setExposure();
	void setNoise(const SensorModel *model);
	void makeResponses();
	int32_t gainCode(double gain) const;
	Shot shot(const FrameInfo &info) const;
	void chooseLayout();
	void crop(std::span<const uint16_t> in, std::span<uint16_t> out) const;
	void orient(std::span<uint16_t> samples) const;
	bool checkDepth(size_t frame, std::span<const uint8_t> words, std::string *error) const;
	bool readWords(size_t frame, std::span<uint16_t> samples, std::string *error);
	bool readOriented(size_t frame, std::span<uint16_t> samples, std::string *error);
	bool read(size_t frame, std::span<uint8_t> bytes, std::string *error);
	void setResponses(size_t group, const Shot &wanted);
	bool darkEnough(std::span<const uint16_t> frame, size_t at) const;
	void renderPair(std::span<const uint16_t> frames, unsigned int y, uint64_t seed);
	void mergePair(std::span<const uint16_t> frames, unsigned int y);
	void renderResponse(std::span<const uint16_t> frames, uint64_t seed, std::span<uint8_t> raw, size_t stride);
	void copy(std::span<const uint8_t> frame, std::span<uint8_t> raw, size_t stride) const;

	Recording recording_;
	Properties properties_;
	GainModel gain_;
	unsigned int binning_ = 1;
	int32_t captureLines_ = 1;
	int32_t captureGain_ = 0;

	/* How frames are kept and read ahead: as in the recording's file, or as upright words. */
	RawLayout held_{};
	bool asInFile_ = false;

	/* The reader's. */
	FrameReader reader_;
	AlignedBytes bytes_;
	std::vector<uint16_t> samples_;

	/* The renderer's: a response and two lines for each frame of a bracket. */
	std::vector<Response> responses_;
	std::vector<size_t> longestFirst_;
	std::vector<std::vector<uint16_t>> lines_;

	/* Last, as its thread uses the others. */
	std::optional<FrameSource> source_;
};

RecordedSensor::RecordedSensor(Recording recording, const SensorModel *model)
	: recording_(std::move(recording)), properties_{}, gain_(kGenericGain)
{
	properties_.analogueGain = kGenericGainRange;
	properties_.delays = kGenericDelays;
	properties_.exposureMin = 1;
	properties_.exposureMargin = 4;

	if (model) {
		gain_ = model->gain;
		properties_.analogueGain = model->properties.analogueGain;
		properties_.delays = model->properties.delays;
		properties_.exposureMin = model->properties.exposureMin;
		properties_.exposureMargin = model->properties.exposureMargin;
	}

	properties_.model = recording_.model;
	properties_.exposureStep = 1;
	properties_.flips = false;

	bool mirrorX = recording_.orientation == Recording::Orientation::Rotate180 ||
		       recording_.orientation == Recording::Orientation::MirrorX;
	bool mirrorY = recording_.orientation == Recording::Orientation::Rotate180 ||
		       recording_.orientation == Recording::Orientation::MirrorY;
	properties_.order = flippedOrder(recording_.order, mirrorX, mirrorY);

	/* A mode that is the model's keeps its defaults, or a session would not repeat. */
	const bool known = model && takeMode(*model);
	if (!known)
		setTimings();
	if (!known || recording_.mode == Recording::Mode::Rescale)
		setExposure();
	setNoise(model);
	makeResponses();
	chooseLayout();
}

/*
 * What comes out as it was recorded is kept as it is in the file: nothing is unpacked but into
 * the frame's own memory.
 */
void RecordedSensor::chooseLayout()
{
	const Mode &mode = properties_.modes[0];

	asInFile_ = recording_.file && recording_.mode == Recording::Mode::Exact && recording_.bracket == 1 &&
		    recording_.orientation == Recording::Orientation::Rotate0;
	held_ = asInFile_ ? recording_.layout
			  : RawLayout{ mode.width, mode.height, mode.bitDepth, Packing::U16LE, 0, 0, 0 };
}

/* The noise of the sensor that replays, at the depth and the binning of its frames. */
void RecordedSensor::setNoise(const SensorModel *model)
{
	if (!model)
		return;

	const PixelModel &pixel = model->pixel;
	const double scale = exp2(double(recording_.layout.bitDepth) - pixel.bitDepth);
	const double pixels = binning_ * binning_;
	recording_.noise = NoiseModel{ pixel.conversionGain * scale / pixels, pixel.readNoise * binning_,
				       pixel.converterNoise * scale / binning_ };
}

void RecordedSensor::makeResponses()
{
	const Mode &mode = properties_.modes[0];
	const Response response({ mode.width, mode.height, mode.bitDepth, recording_.blackLevel,
				  recording_.whiteLevel, recording_.noise });

	responses_.assign(recording_.bracket, response);
	longestFirst_.resize(recording_.bracket);
	lines_.assign(recording_.bracket, std::vector<uint16_t>(2 * mode.width));
}

/*
 * The model's own mode, with its clocks, where the frames have the size and the depth of one
 * and are of that array.
 */
bool RecordedSensor::takeMode(const SensorModel &model)
{
	const RawLayout &layout = recording_.layout;
	const Properties &known = model.properties;

	if (recording_.orientation != Recording::Orientation::Rotate0 || recording_.order != known.order)
		return false;

	const auto mode = std::find_if(known.modes.begin(), known.modes.end(), [&](const Mode &m) {
		return m.width == layout.width && m.height == layout.height && m.bitDepth == layout.bitDepth;
	});
	if (mode == known.modes.end())
		return false;

	properties_.modes = { *mode };
	binning_ = model.readouts[mode - known.modes.begin()].binning;
	properties_.nativeArea = known.nativeArea;
	properties_.activeArea = known.activeArea;
	properties_.exposureStep = known.exposureStep;
	properties_.exposureDefault = known.exposureDefault;
	return true;
}

/*
 * A recording does not tell the sensor's clocks. These blankings are of a usual size,
 * and the pixel rate is what makes the default frame rate exact.
 */
void RecordedSensor::setTimings()
{
	Mode mode{};
	mode.width = recording_.layout.width & ~1u;
	mode.height = recording_.layout.height & ~1u;
	mode.bitDepth = recording_.layout.bitDepth;
	mode.analogCrop = { 0, 0, mode.width, mode.height };
	mode.hblank = std::max(160u, mode.width / 8);
	mode.vblankDefault = std::max(64u, mode.height / 8);
	mode.vblankMin = 4;
	mode.vblankMax = 65535;
	mode.pixelRate = uint64_t{ mode.width + mode.hblank } *
			 (mode.height + mode.vblankDefault) * recording_.frameRate;
	mode.linkFrequency = mode.pixelRate * mode.bitDepth / (2 * kLanes);

	properties_.modes = { mode };
	properties_.nativeArea = mode.analogCrop;
	properties_.activeArea = mode.analogCrop;
}

/* The code whose gain is nearest to \a gain. */
int32_t RecordedSensor::gainCode(double gain) const
{
	const Range &gains = properties_.analogueGain;
	int32_t nearest = gains.def;

	for (int32_t code = gains.min; code <= gains.max; code++) {
		if (fabs(gain_.gain(code) - gain) < fabs(gain_.gain(nearest) - gain))
			nearest = code;
	}

	return nearest;
}

/*
 * How a frame was taken, in lines and the gain of a code; of the capture where it is not
 * known. A frame at such an exposure comes out as it was recorded, to the bit.
 */
Shot RecordedSensor::shot(const FrameInfo &info) const
{
	const Mode &mode = properties_.modes[0];
	const double lineTime = static_cast<double>(mode.width + mode.hblank) / mode.pixelRate;
	const double longest = mode.height + mode.vblankMax - properties_.exposureMargin;
	Shot shot{ static_cast<double>(captureLines_), gain_.gain(captureGain_) };

	if (info.exposureTime > 0.0)
		shot.time = std::clamp<double>(floor(info.exposureTime / lineTime + 0.5),
					       properties_.exposureMin, longest);
	if (info.analogueGain > 0.0)
		shot.gain = gain_.gain(gainCode(info.analogueGain));

	return shot;
}

/* The exposure at capture, in lines and gain codes. It is the default. */
void RecordedSensor::setExposure()
{
	const Mode &mode = properties_.modes[0];
	int32_t usual = mode.height + mode.vblankDefault - properties_.exposureMargin;

	captureGain_ = properties_.analogueGain.def;
	captureLines_ = usual / 2;

	if (const auto &capture = recording_.capture) {
		captureGain_ = gainCode(capture->analogueGain);
		FrameInfo info;
		info.exposureTime = capture->exposureTime;
		captureLines_ = static_cast<int32_t>(shot(info).time);
	}

	properties_.analogueGain.def = captureGain_;
	properties_.exposureDefault = std::clamp(captureLines_, properties_.exposureMin, usual);
}

/* Cut the lines of a frame of an odd width or height to even ones, which a Bayer pattern needs. */
void RecordedSensor::crop(std::span<const uint16_t> in, std::span<uint16_t> out) const
{
	const Mode &mode = properties_.modes[0];

	for (unsigned int y = 0; y < mode.height; y++)
		std::copy_n(in.begin() + size_t{ y } * recording_.layout.width, mode.width,
			    out.begin() + size_t{ y } * mode.width);
}

/* Turn a frame upright. */
void RecordedSensor::orient(std::span<uint16_t> samples) const
{
	const Mode &mode = properties_.modes[0];

	if (recording_.orientation == Recording::Orientation::Rotate180) {
		std::reverse(samples.begin(), samples.end());
	} else if (recording_.orientation == Recording::Orientation::MirrorX) {
		for (unsigned int y = 0; y < mode.height; y++) {
			auto line = samples.begin() + size_t{ y } * mode.width;
			std::reverse(line, line + mode.width);
		}
	} else if (recording_.orientation == Recording::Orientation::MirrorY) {
		for (unsigned int y = 0; y < mode.height / 2; y++) {
			auto line = samples.begin() + size_t{ y } * mode.width;
			auto other = samples.begin() + size_t{ mode.height - 1 - y } * mode.width;
			std::swap_ranges(line, line + mode.width, other);
		}
	}
}

/* Words can have more than a sample; what is packed cannot. */
bool RecordedSensor::checkDepth(size_t frame, std::span<const uint8_t> words, std::string *error) const
{
	uint8_t high = 0;

	for (size_t i = 1; i < words.size(); i += 2)
		high |= words[i];
	if (recording_.layout.bitDepth < 16 && high >> (recording_.layout.bitDepth - 8)) {
		*error = fmt::format("{}: frame {}: a sample exceeds {} bits", recording_.name, frame,
				     recording_.layout.bitDepth);
		return false;
	}

	return true;
}

/* Words of the file of a recording, cut to the even size. */
bool RecordedSensor::readWords(size_t frame, std::span<uint16_t> samples, std::string *error)
{
	const Mode &mode = properties_.modes[0];
	const RawLayout &layout = recording_.layout;
	const size_t line = lineSize(layout);

	bytes_.resize(recording_.file->frameSize());
	const std::span<uint8_t> bytes = bytes_.bytes();
	if (!recording_.file->readSamples(frame, bytes, error) ||
	    (layout.packing == Packing::U16LE && !checkDepth(frame, bytes, error)))
		return false;

	for (unsigned int y = 0; y < mode.height; y++)
		lineToWords(&bytes[y * line], layout, mode.width,
			    reinterpret_cast<uint8_t *>(&samples[size_t{ y } * mode.width]));

	return true;
}

bool RecordedSensor::readOriented(size_t frame, std::span<uint16_t> samples, std::string *error)
{
	if (recording_.file) {
		if (!readWords(frame, samples, error))
			return false;
	} else {
		if (!reader_.read(recording_, frame, &samples_, error))
			return false;
		crop(samples_, samples);
	}

	orient(samples);
	return true;
}

/* A frame as it is kept. */
bool RecordedSensor::read(size_t frame, std::span<uint8_t> bytes, std::string *error)
{
	if (!asInFile_)
		return readOriented(frame, { reinterpret_cast<uint16_t *>(bytes.data()), bytes.size() / 2 }, error);

	return recording_.file->readSamples(frame, bytes, error) &&
	       (held_.packing != Packing::U16LE || checkDepth(frame, bytes, error));
}

/*
 * Keep the frames where there is room. Of others every file is read once, so that a bad one is
 * found now and not in the middle of a stream; a recording's own file has been checked when it
 * was opened, but for the samples, which have a checksum.
 */
int RecordedSensor::load(std::string *error)
{
	const size_t size = lineSize(held_) * held_.height;
	const bool resident = uint64_t{ size } * recording_.count() <= kMaximumResident;

	source_.emplace(FrameSource::Layout{ recording_.count(), size, recording_.bracket, recording_.loop },
			[this](size_t frame, std::span<uint8_t> to, std::string *wrong) {
				return read(frame, to, wrong);
			});
	if (resident)
		return source_->load(error) ? 0 : -EINVAL;

	std::vector<uint8_t> frame(size);
	for (size_t i = 0; i < recording_.count() && !recording_.file; i++) {
		if (!read(i, frame, error))
			return -EINVAL;
	}

	source_->readAhead();
	return 0;
}

/* How each frame of a group becomes one of the wanted exposure, and which was exposed longest. */
void RecordedSensor::setResponses(size_t group, const Shot &wanted)
{
	std::array<double, kMaximumBracket> exposures{};

	for (size_t i = 0; i < responses_.size(); i++) {
		const Shot recorded = shot(recording_.info(group * responses_.size() + i));
		exposures[i] = recorded.time * recorded.gain;
		longestFirst_[i] = i;
		responses_[i].set(recorded, recording_.mode == Recording::Mode::Rescale ? wanted : recorded);
	}

	/* The order in a bracket stays where two are equal. std::stable_sort() would allocate. */
	std::sort(longestFirst_.begin(), longestFirst_.end(), [&](size_t a, size_t b) {
		return exposures[a] != exposures[b] ? exposures[a] > exposures[b] : a < b;
	});
}

/*
 * Whether no sample of a quad is near the white level. A little below it noise is cut off
 * already, and the mean with it.
 */
bool RecordedSensor::darkEnough(std::span<const uint16_t> frame, size_t at) const
{
	constexpr double kUsed = 0.9;
	const size_t width = properties_.modes[0].width;
	const double limit = recording_.blackLevel + kUsed * (recording_.whiteLevel - recording_.blackLevel);

	return std::max({ frame[at], frame[at + 1], frame[at + width], frame[at + width + 1] }) < limit;
}

/*
 * Of each quad the frame that was exposed longest without clipping it: it has most light and
 * least noise. Frames are not mixed, so that what moves between them stays sharp.
 */
void RecordedSensor::mergePair(std::span<const uint16_t> frames, unsigned int y)
{
	const size_t width = properties_.modes[0].width;
	const size_t samples = frames.size() / responses_.size();
	std::vector<uint16_t> &out = lines_[longestFirst_.back()];

	for (size_t x = 0; x < width; x += 2) {
		const auto best = std::find_if(longestFirst_.begin(), longestFirst_.end() - 1, [&](size_t i) {
			return darkEnough(frames.subspan(i * samples, samples), y * width + x);
		});
		for (size_t at : { x, x + 1, width + x, width + x + 1 })
			out[at] = lines_[*best][at];
	}
}

/* Two lines, into those of the frame that was exposed shortest. */
void RecordedSensor::renderPair(std::span<const uint16_t> frames, unsigned int y, uint64_t seed)
{
	const size_t samples = frames.size() / responses_.size();

	for (size_t i = 0; i < responses_.size(); i++)
		responses_[i].render(frames.subspan(i * samples, samples), y, seed, lines_[i]);
	if (responses_.size() > 1)
		mergePair(frames, y);
}

int RecordedSensor::render(const FrameSettings &settings, uint32_t sequence,
			   [[maybe_unused]] std::chrono::nanoseconds time,
			   std::span<uint8_t> raw, size_t stride)
{
	if (settings.mode != 0)
		return -EINVAL;

	const Mode &mode = properties_.modes[0];
	size_t bytes = mode.width * (mode.bitDepth > 8 ? 2 : 1);
	if (stride < bytes || raw.size() < stride * (mode.height - 1) + bytes)
		return -EINVAL;

	const size_t count = recording_.count() / responses_.size();
	const size_t group = recording_.loop ? sequence % count : std::min<size_t>(sequence, count - 1);
	std::string error;
	const std::span<const uint8_t> frames = source_->acquire(group, &error);
	if (frames.empty())
		return -EIO;

	if (recording_.mode == Recording::Mode::Exact && recording_.bracket == 1) {
		copy(frames, raw, stride);
		return 0;
	}

	setResponses(group, { static_cast<double>(settings.exposure), gain_.gain(settings.analogueGain) });
	renderResponse({ reinterpret_cast<const uint16_t *>(frames.data()), frames.size() / 2 },
		       mix64(sequence + kGolden), raw, stride);
	return 0;
}

/* A frame as it was recorded. */
void RecordedSensor::copy(std::span<const uint8_t> frame, std::span<uint8_t> raw, size_t stride) const
{
	const Mode &mode = properties_.modes[0];
	const size_t line = lineSize(held_);

	for (unsigned int y = 0; y < mode.height; y++) {
		const uint8_t *in = &frame[y * line];
		uint8_t *out = &raw[y * stride];

		if (mode.bitDepth > 8)
			lineToWords(in, held_, mode.width, out);
		else
			lineToBytes(in, held_, mode.width, out);
	}
}

/* Frames, one or a bracket, as the sensor would see them at the exposure that is set. */
void RecordedSensor::renderResponse(std::span<const uint16_t> frames, uint64_t seed,
				    std::span<uint8_t> raw, size_t stride)
{
	const Mode &mode = properties_.modes[0];
	const size_t bytes = mode.width * (mode.bitDepth > 8 ? 2 : 1);
	const std::vector<uint16_t> &lines = lines_[longestFirst_.back()];
	for (unsigned int y = 0; y < mode.height; y += 2) {
		renderPair(frames, y, seed);

		for (unsigned int row = 0; row < 2; row++) {
			const uint16_t *line = lines.data() + row * mode.width;
			uint8_t *out = raw.data() + (y + row) * stride;

			if (mode.bitDepth > 8)
				memcpy(out, line, bytes);
			else
				std::copy_n(line, mode.width, out);
		}
	}
}

} /* namespace */

/**
 * \brief Create a sensor that replays a recording
 * \param[in] recording The recording, with the files of its frames
 * \param[in] model A sensor model to take gain codes, delays and exposure limits from, or
 * nullptr; then the gain is code / 16, from 1 to 16, and the delays are those that libcamera
 * assumes for a sensor that it does not know
 * \param[out] error Which frame is wrong, and in what
 *
 * In exact mode the frames come as they were recorded, whatever the exposure. In
 * rescale mode the exposure and the gain, relative to those of each frame, scale
 * what lies above the black level, with the noise of the model or of the recording (class
 * Response); at the exposure of the frame both are the same to the bit. Of a bracket each
 * quad comes from the frame that was exposed longest without clipping it. A sequence starts
 * over at its end, or holds its last frame.
 *
 * \return The sensor, or nullptr if a frame cannot be read
 */
std::unique_ptr<Sensor> createRecordedSensor(Recording recording, const SensorModel *model,
					     std::string *error)
{
	auto sensor = std::make_unique<RecordedSensor>(std::move(recording), model);

	if (sensor->load(error) < 0)
		return nullptr;

	return sensor;
}

} /* namespace fovea::sensor */
