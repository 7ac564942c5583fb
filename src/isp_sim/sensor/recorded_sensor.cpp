/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that replays a recording
 */

#include "isp_sim/sensor/recorded_sensor.h"

#include <algorithm>
#include <bit>
#include <errno.h>
#include <math.h>
#include <string.h>

#include <fmt/format.h>

#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

static_assert(std::endian::native == std::endian::little,
	      "frames are written as 16-bit little-endian words");

namespace {

/* Sequences up to this size are kept in memory; longer ones are read frame by frame. */
constexpr uint64_t kMaximumResident = uint64_t{ 512 } << 20;

/* Lanes of the CSI-2 link whose frequency is told. */
constexpr unsigned int kLanes = 2;

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
	void orient(std::vector<uint16_t> *samples) const;
	bool readOriented(size_t frame, std::vector<uint16_t> *samples, std::string *error) const;
	std::vector<uint16_t> responseCurve(double ratio) const;
	void rescale(std::span<const uint16_t> in, const std::vector<uint16_t> &curve,
		     std::span<uint16_t> out) const;

	Recording recording_;
	Properties properties_;
	GainModel gain_;
	int32_t captureLines_ = 1;
	int32_t captureGain_ = 0;
	std::vector<std::vector<uint16_t>> frames_;
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

/*
 * The exposure at capture, in lines and gain codes. It is the default, and there the
 * frames come out as they were recorded, to the bit.
 */
void RecordedSensor::setExposure()
{
	const Mode &mode = properties_.modes[0];
	Range &gains = properties_.analogueGain;
	int32_t longest = mode.height + mode.vblankMax - properties_.exposureMargin;
	int32_t usual = mode.height + mode.vblankDefault - properties_.exposureMargin;

	captureGain_ = gains.def;
	captureLines_ = usual / 2;

	if (recording_.capture) {
		double lineTime = static_cast<double>(mode.width + mode.hblank) / mode.pixelRate;
		double lines = floor(recording_.capture->exposureTime / lineTime + 0.5);
		captureLines_ = static_cast<int32_t>(std::clamp<double>(lines, properties_.exposureMin, longest));

		for (int32_t code = gains.min; code <= gains.max; code++) {
			double wanted = recording_.capture->analogueGain;
			if (fabs(gain_.gain(code) - wanted) < fabs(gain_.gain(captureGain_) - wanted))
				captureGain_ = code;
		}
	}

	gains.def = captureGain_;
	properties_.exposureDefault = std::clamp(captureLines_, properties_.exposureMin, usual);
}

/* Crop to even sizes, which a Bayer pattern needs, and turn upright. */
void RecordedSensor::orient(std::vector<uint16_t> *samples) const
{
	const Mode &mode = properties_.modes[0];

	if (mode.width != recording_.layout.width) {
		for (unsigned int y = 1; y < mode.height; y++)
			std::copy_n(samples->begin() + size_t{ y } * recording_.layout.width, mode.width,
				    samples->begin() + size_t{ y } * mode.width);
	}
	samples->resize(size_t{ mode.width } * mode.height);

	if (recording_.orientation == Recording::Orientation::Rotate180) {
		std::reverse(samples->begin(), samples->end());
	} else if (recording_.orientation == Recording::Orientation::MirrorX) {
		for (unsigned int y = 0; y < mode.height; y++) {
			auto line = samples->begin() + size_t{ y } * mode.width;
			std::reverse(line, line + mode.width);
		}
	} else if (recording_.orientation == Recording::Orientation::MirrorY) {
		for (unsigned int y = 0; y < mode.height / 2; y++) {
			auto line = samples->begin() + size_t{ y } * mode.width;
			auto other = samples->begin() + size_t{ mode.height - 1 - y } * mode.width;
			std::swap_ranges(line, line + mode.width, other);
		}
	}
}

bool RecordedSensor::readOriented(size_t frame, std::vector<uint16_t> *samples,
				  std::string *error) const
{
	if (!readFrame(recording_, frame, samples, error))
		return false;

	orient(samples);
	return true;
}

/*
 * Every frame is read once, so that a bad one is found now and not in the middle of a
 * stream, and kept if there is room.
 */
int RecordedSensor::load(std::string *error)
{
	const Mode &mode = properties_.modes[0];
	uint64_t size = uint64_t{ mode.width } * mode.height * sizeof(uint16_t);
	bool resident = size * recording_.count() <= kMaximumResident;
	std::vector<uint16_t> samples;

	for (size_t i = 0; i < recording_.count(); i++) {
		if (!readOriented(i, &samples, error))
			return -EINVAL;
		if (resident)
			frames_.push_back(std::move(samples));
	}

	return 0;
}

/* The code at \a ratio times the exposure, for each recorded code. */
std::vector<uint16_t> RecordedSensor::responseCurve(double ratio) const
{
	std::vector<uint16_t> curve(size_t{ 1 } << recording_.layout.bitDepth);

	for (size_t code = 0; code < curve.size(); code++) {
		double scaled = recording_.blackLevel + (code - recording_.blackLevel) * ratio;
		curve[code] = std::clamp(floor(scaled + 0.5), 0.0, 1.0 * recording_.whiteLevel);
	}

	return curve;
}

/*
 * Scale a pair of lines. Where all four samples of a quad were clipped the light is
 * unknown but bright: they stay clipped, because scaled down they would become a
 * coloured grey. Where only some were, their colour is scaled as it was recorded.
 */
void RecordedSensor::rescale(std::span<const uint16_t> in, const std::vector<uint16_t> &curve,
			     std::span<uint16_t> out) const
{
	const size_t width = in.size() / 2;

	for (size_t i = 0; i < in.size(); i++)
		out[i] = curve[in[i]];

	for (size_t x = 0; x < width; x += 2) {
		const uint16_t darkest = std::min({ in[x], in[x + 1], in[width + x], in[width + x + 1] });
		if (darkest < recording_.whiteLevel)
			continue;

		for (size_t i : { x, x + 1, width + x, width + x + 1 })
			out[i] = in[i];
	}
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

	size_t count = recording_.count();
	size_t frame = recording_.loop ? sequence % count : std::min<size_t>(sequence, count - 1);
	std::vector<uint16_t> streamed;
	std::string error;
	if (frames_.empty() && !readOriented(frame, &streamed, &error))
		return -EIO;
	const std::vector<uint16_t> &samples = frames_.empty() ? streamed : frames_[frame];

	double ratio = 1.0;
	if (recording_.mode == Recording::Mode::Rescale)
		ratio = settings.exposure * gain_.gain(settings.analogueGain) /
			(captureLines_ * gain_.gain(captureGain_));

	std::vector<uint16_t> curve;
	if (ratio != 1.0)
		curve = responseCurve(ratio);

	std::vector<uint16_t> lines(2 * mode.width);
	for (unsigned int y = 0; y < mode.height; y += 2) {
		std::span<const uint16_t> in(samples.data() + size_t{ y } * mode.width,
					     lines.size());
		if (curve.empty())
			std::copy(in.begin(), in.end(), lines.begin());
		else
			rescale(in, curve, lines);

		for (unsigned int row = 0; row < 2; row++) {
			const uint16_t *line = lines.data() + row * mode.width;
			uint8_t *out = raw.data() + (y + row) * stride;

			if (mode.bitDepth > 8)
				memcpy(out, line, bytes);
			else
				std::copy_n(line, mode.width, out);
		}
	}

	return 0;
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
 * rescale mode the exposure and the gain, relative to those of the capture, scale
 * what lies above the black level; at the exposure of the capture both are the same to
 * the bit. A sequence starts over at its end, or holds its last frame.
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
