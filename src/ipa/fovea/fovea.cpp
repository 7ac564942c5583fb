/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Fovea IPA module
 */

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <stdint.h>
#include <string.h>
#include <string>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/base/file.h>
#include <libcamera/base/log.h>

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>

#include <libcamera/ipa/fovea_ipa_interface.h>
#include <libcamera/ipa/ipa_interface.h>
#include <libcamera/ipa/ipa_module_info.h>

#include "libcamera/internal/yaml_parser.h"

#include "buffers.h"
#include "ipa_context.h"
#include "module.h"
#include "sensor_helper.h"
#include "sensor_settings.h"
#include "tuning_file.h"

namespace libcamera {

LOG_DEFINE_CATEGORY(IPAFovea)

using namespace std::literals::chrono_literals;

namespace ipa::fovea {

namespace {

/*
 * Frames that are remembered. libcamera's pipeline handlers queue at most 32
 * requests to the device, so the history can never be overtaken by them.
 */
constexpr uint32_t kMaxFrameContexts = 128;

/* Lines between the end of the exposure and the end of the frame (imx219). */
constexpr int32_t kDefaultExposureMargin = 4;

/* Exposure before the first statistics. */
constexpr utils::Duration kInitialExposure = 10ms;

/* Ranges that a sensor's description must keep to be usable at all. */
constexpr unsigned int kMinBitDepth = 8;
constexpr unsigned int kMaxBitDepth = 16;

constexpr uint32_t kTuningVersion = 1;

/* What the metadata tells of blocks that no algorithm of the tuning file sets. */
const decltype(IPAFrameContext::applied) kNothingApplied{
	{ RGB<double>(1.0), 0.0 },
	Matrix<float, 3, 3>::identity(),
	1.0,
	RGB<double>(1.0),
	1.0,
};

} /* namespace */

/**
 * \class IPAFovea
 * \brief The IPA module of the Fovea ISP
 *
 * Everything that comes from the pipeline handler is checked before it is used.
 * Whatever is wrong, each computeParams() is answered by paramsComputed() and
 * each processStats() by metadataReady(), because the handler waits for them.
 */
class IPAFovea : public IPAFoveaInterface, public Module
{
public:
	IPAFovea();

	int32_t init(const IPASettings &settings, const IPAConfigInfo &configInfo,
		     ControlInfoMap *ipaControls) override;
	void start(const ControlList &controls, const IPAFoveaState &state,
		   ControlList *sensorControls, int32_t *ret) override;
	void stop() override;
	int32_t configure(const IPAConfigInfo &configInfo,
			  ControlInfoMap *ipaControls) override;

	void mapBuffers(const std::vector<IPABuffer> &buffers) override;
	void unmapBuffers(const std::vector<uint32_t> &ids) override;

	void queueRequest(const uint32_t frame, const ControlList &controls) override;
	void computeParams(const uint32_t frame, const uint32_t bufferId) override;
	void processStats(const uint32_t frame, const uint32_t bufferId,
			  const ControlList &sensorControls) override;

protected:
	std::string logPrefix() const override;

private:
	int loadTuning(const std::string &path);
	int configureSensor(const IPAConfigInfo &configInfo);
	ControlInfoMap controlInfo() const;

	IPAFrameContext *frameContext(uint32_t frame);
	std::optional<fovea_isp_stats_buffer> readStats(uint32_t frame, uint32_t bufferId);
	void readSensorControls(IPAFrameContext &frameContext,
				const ControlList &sensorControls);
	ControlList sendSettings(const SensorSettings &settings);

	IPAFoveaState saveState() const;
	void restoreState(const IPAFoveaState &state);

	std::string sensorModel_;
	ControlInfoMap sensorControls_;
	int32_t exposureMargin_;

	Buffers buffers_;

	IPAContext context_;
	decltype(IPAActiveState::controls) defaultControls_;
	std::optional<uint32_t> lastQueued_;
	SensorSettings sent_;
};

IPAFovea::IPAFovea()
	: exposureMargin_(kDefaultExposureMargin), context_(kMaxFrameContexts),
	  defaultControls_{}, sent_{}
{
}

std::string IPAFovea::logPrefix() const
{
	return sensorModel_;
}

/**
 * \brief Validate the tuning file and create the algorithms that it lists
 * \param[in] path Path of the tuning file
 * \return 0, -EINVAL for a malformed file, or the error of reading it
 */
int IPAFovea::loadTuning(const std::string &path)
{
	std::string message;
	int ret = tuning::validateFile(path, &message);
	if (ret) {
		LOG(IPAFovea, Error) << message;
		return ret;
	}

	File file(path);
	if (!file.open(File::OpenModeFlag::ReadOnly)) {
		LOG(IPAFovea, Error) << path << ": " << strerror(-file.error());
		return file.error();
	}

	std::unique_ptr<ValueNode> data = YamlParser::parse(file);
	if (!data || (*data)["version"].get<uint32_t>(0) != kTuningVersion) {
		LOG(IPAFovea, Error)
			<< path << ": libcamera's YAML parser refuses the file;"
			<< " use plain YAML 1.1 without anchors and aliases";
		return -EINVAL;
	}

	exposureMargin_ = (*data)["sensor"]["exposureMargin"].get<int32_t>(kDefaultExposureMargin);

	context_.camHelper = createSensorHelper(sensorModel_, (*data)["sensor"]);
	if (!context_.camHelper)
		return -EINVAL;

	context_.noise.init((*data)["sensor"]["noise"]);

	return createAlgorithms(context_, (*data)["algorithms"]);
}

int32_t IPAFovea::init(const IPASettings &settings, const IPAConfigInfo &configInfo,
		       ControlInfoMap *ipaControls)
{
	sensorModel_ = settings.sensorModel;

	if (settings.configurationFile.empty()) {
		LOG(IPAFovea, Error)
			<< "No tuning file for sensor '" << sensorModel_
			<< "'; set LIBCAMERA_FOVEA_TUNING_FILE, or put "
			<< sensorModel_ << ".yaml or uncalibrated.yaml below "
			<< "LIBCAMERA_IPA_CONFIG_PATH in a folder 'fovea'";
		return -ENOENT;
	}

	int ret = loadTuning(settings.configurationFile);
	if (ret)
		return ret;

	ret = configureSensor(configInfo);
	if (ret)
		return ret;

	*ipaControls = controlInfo();

	return 0;
}

/**
 * \brief Take over the description of the sensor
 * \return 0, or -EINVAL if the description lacks something or makes no sense
 */
int IPAFovea::configureSensor(const IPAConfigInfo &configInfo)
{
	const IPACameraSensorInfo &info = configInfo.sensorInfo;
	const ControlInfoMap &controls = configInfo.sensorControls;

	for (uint32_t id : { V4L2_CID_EXPOSURE, V4L2_CID_ANALOGUE_GAIN,
			     V4L2_CID_VBLANK, V4L2_CID_HBLANK }) {
		auto it = controls.find(id);
		if (it == controls.end() ||
		    it->second.min().type() != ControlTypeInteger32) {
			LOG(IPAFovea, Error)
				<< "The sensor lacks the integer control "
				<< utils::hex(id);
			return -EINVAL;
		}
	}

	if (info.outputSize.isNull() || !info.pixelRate ||
	    info.bitsPerPixel < kMinBitDepth || info.bitsPerPixel > kMaxBitDepth) {
		LOG(IPAFovea, Error)
			<< "Sensor mode " << info.outputSize << " of "
			<< info.bitsPerPixel << " bits at " << info.pixelRate
			<< " pixels/s is not usable: expected " << kMinBitDepth
			<< " to " << kMaxBitDepth << " bits and a pixel rate";
		return -EINVAL;
	}

	const ControlInfo &exposure = controls.find(V4L2_CID_EXPOSURE)->second;
	const ControlInfo &gain = controls.find(V4L2_CID_ANALOGUE_GAIN)->second;
	const ControlInfo &vblank = controls.find(V4L2_CID_VBLANK)->second;
	const ControlInfo &hblank = controls.find(V4L2_CID_HBLANK)->second;

	sensorControls_ = controls;
	auto &sensor = context_.configuration.sensor;
	sensor.size = info.outputSize;

	/* Rows of all exposures take time, those of one make the picture. */
	IPACameraSensorInfo single = info;
	single.outputSize.height /= std::max(configInfo.exposures, 1U);
	sensor.geometry = FrameGeometry(single, configInfo.hflip, configInfo.vflip);

	sensor.bitDepth = info.bitsPerPixel;
	sensor.lineDuration = (info.outputSize.width + hblank.def().get<int32_t>()) *
			      1.0s / info.pixelRate;
	sensor.exposureMargin = exposureMargin_;
	sensor.minExposure = std::max(exposure.min().get<int32_t>(), 1);
	sensor.minVBlank = vblank.min().get<int32_t>();
	sensor.maxVBlank = vblank.max().get<int32_t>();
	sensor.defVBlank = vblank.def().get<int32_t>();
	sensor.minGain = context_.camHelper->gain(gain.min().get<int32_t>());
	sensor.maxGain = context_.camHelper->gain(gain.max().get<int32_t>());

	if (sensor.lineDuration <= 0s || sensor.minVBlank > sensor.maxVBlank ||
	    sensor.defVBlank < sensor.minVBlank || sensor.defVBlank > sensor.maxVBlank ||
	    !(sensor.minGain > 0) || !(sensor.maxGain >= sensor.minGain)) {
		LOG(IPAFovea, Error)
			<< "The ranges of the sensor's gain or blanking make no sense: gain "
			<< sensor.minGain << " to " << sensor.maxGain << ", vblank "
			<< sensor.minVBlank << " to " << sensor.maxVBlank;
		return -EINVAL;
	}

	context_.configuration.ycbcrEncoding = configInfo.ycbcrEncoding;
	context_.configuration.quantization = configInfo.quantization;

	return 0;
}

/**
 * \brief The controls of the camera: those of the algorithms and those that
 * depend on the sensor's mode
 */
ControlInfoMap IPAFovea::controlInfo() const
{
	const auto &sensor = context_.configuration.sensor;
	const double line = sensor.lineDuration.get<std::micro>();
	const int64_t height = sensor.size.height;
	const int64_t minDuration = std::llround((height + sensor.minVBlank) * line);
	const int64_t maxDuration = std::llround((height + sensor.maxVBlank) * line);
	const int64_t defDuration = std::llround((height + sensor.defVBlank) * line);

	const utils::Duration longest = (height + sensor.maxVBlank) * sensor.lineDuration;
	const int32_t maxLines = maxExposure(context_.configuration, longest);
	constexpr double kMaxTime = std::numeric_limits<int32_t>::max();
	const int32_t minTime = std::min(std::ceil(sensor.minExposure * line), kMaxTime);
	const int32_t maxTime = std::min(std::floor(maxLines * line), kMaxTime);
	const int32_t defTime = std::clamp<double>(kInitialExposure.get<std::micro>(),
						   minTime, std::max(minTime, maxTime));

	ControlInfoMap::Map map = context_.ctrlMap;
	map[&controls::ExposureTime] = ControlInfo(minTime, maxTime, defTime);
	map[&controls::AnalogueGain] = ControlInfo(static_cast<float>(sensor.minGain),
						   static_cast<float>(sensor.maxGain),
						   static_cast<float>(sensor.minGain));
	map[&controls::FrameDurationLimits] =
		ControlInfo(minDuration, maxDuration,
			    Span<const int64_t, 2>{ { defDuration, defDuration } });

	return ControlInfoMap(std::move(map), controls::controls);
}

int32_t IPAFovea::configure(const IPAConfigInfo &configInfo, ControlInfoMap *ipaControls)
{
	if (!context_.camHelper) {
		LOG(IPAFovea, Error) << "configure() without a successful init()";
		return -EINVAL;
	}

	context_.configuration = {};
	context_.activeState = {};
	context_.shading.awbZones.clear();
	context_.shading.aeZones.clear();

	int ret = configureSensor(configInfo);
	if (ret)
		return ret;

	const auto &sensor = context_.configuration.sensor;
	context_.configuration.blackLevel.saturation = kLinearMax;
	context_.noise.configure(sensor.bitDepth, sensor.geometry.binning());

	const utils::Duration frameDuration =
		(sensor.size.height + sensor.defVBlank) * sensor.lineDuration;
	IPAResults &results = context_.activeState.results;
	results.agc.exposure = std::clamp<int32_t>(kInitialExposure / sensor.lineDuration,
						   sensor.minExposure,
						   maxExposure(context_.configuration, frameDuration));
	results.agc.gain = sensor.minGain;
	results.agc.digitalGain = 1.0;
	results.awb.gains = RGB<double>(1.0);

	for (const auto &algorithm : algorithms()) {
		ret = algorithm->configure(context_, configInfo);
		if (ret)
			return ret;
	}

	if ((configInfo.companded || configInfo.exposures > 1) &&
	    !context_.configuration.hdr.enabled) {
		LOG(IPAFovea, Error)
			<< "The mode of the sensor has a wide range, but the tuning file has no"
			<< " Hdr to bring it to that of the ISP: add it";
		return -EINVAL;
	}

	defaultControls_ = context_.activeState.controls;
	*ipaControls = controlInfo();

	return 0;
}

void IPAFovea::start(const ControlList &controls, const IPAFoveaState &state,
		     ControlList *sensorControls, int32_t *ret)
{
	if (!context_.configuration.sensor.bitDepth) {
		LOG(IPAFovea, Error) << "start() without a successful configure()";
		*ret = -EINVAL;
		return;
	}

	if (state.valid)
		restoreState(state);

	context_.frameContexts.clear();
	context_.activeState.controls = defaultControls_;
	lastQueued_.reset();

	IPAFrameContext frameContext{};
	for (const auto &algorithm : algorithms())
		algorithm->queueRequest(context_, 0, frameContext, controls);

	const ExposureResult &automatic = context_.activeState.results.agc;
	const SensorSettings initial{ automatic.exposure, automatic.gain,
				      context_.configuration.sensor.defVBlank };
	const SensorSettings settings = sensorSettings(context_.configuration, automatic,
						       frameContext.agc, initial);
	context_.activeState.results.sentGain = settings.gain;
	context_.results.reset(context_.activeState.results);
	*sensorControls = sendSettings(settings);

	*ret = 0;
}

void IPAFovea::stop()
{
	context_.frameContexts.clear();
	lastQueued_.reset();
}

void IPAFovea::mapBuffers(const std::vector<IPABuffer> &buffers)
{
	for (const IPABuffer &buffer : buffers)
		buffers_.map(buffer);
}

void IPAFovea::unmapBuffers(const std::vector<uint32_t> &ids)
{
	for (uint32_t id : ids)
		buffers_.unmap(id);
}

/**
 * \brief The context of a frame that has been queued and is not forgotten
 *
 * FCQueue aborts the process when it is asked for a frame that newer ones have
 * pushed out, so everything that comes from outside is checked here first.
 *
 * \return The context, or nullptr for a frame that is unknown
 */
IPAFrameContext *IPAFovea::frameContext(uint32_t frame)
{
	if (!lastQueued_ || frame > *lastQueued_ ||
	    *lastQueued_ - frame >= kMaxFrameContexts) {
		LOG(IPAFovea, Error)
			<< "Frame " << frame << " is not queued; the last one is "
			<< (lastQueued_ ? std::to_string(*lastQueued_) : "none");
		return nullptr;
	}

	return &context_.frameContexts.get(frame);
}

void IPAFovea::queueRequest(const uint32_t frame, const ControlList &controls)
{
	const uint32_t expected = lastQueued_ ? *lastQueued_ + 1 : 0;
	if (frame != expected) {
		LOG(IPAFovea, Error)
			<< "Request " << frame << " out of order, expected " << expected;
		return;
	}

	IPAFrameContext &frameContext = context_.frameContexts.alloc(frame);
	frameContext.applied = kNothingApplied;
	lastQueued_ = frame;

	for (const auto &algorithm : algorithms())
		algorithm->queueRequest(context_, frame, frameContext, controls);
}

void IPAFovea::computeParams(const uint32_t frame, const uint32_t bufferId)
{
	Span<uint8_t> buffer = buffers_.get(bufferId, FOVEA_ISP_PARAMS_MAX_SIZE);
	IPAFrameContext *context = frameContext(frame);
	if (buffer.empty() || !context) {
		paramsComputed.emit(frame, 0);
		return;
	}

	const IPAResults *results = context_.results.find(frame, kParamsLatency);
	if (!results) {
		LOG(IPAFovea, Error)
			<< "Parameters of frame " << frame
			<< " were asked for before the statistics of frame "
			<< frame - kParamsLatency << "; this run is not repeatable";
		results = &context_.activeState.results;
	}
	context->results = *results;

	/* What is sent to the sensor reaches it one frame later than parameters do. */
	const IPAResults *sent = context_.results.find(frame, kParamsLatency + 1);
	context->sensorGain = (sent ? sent : results)->sentGain;
	if (context_.configuration.hdr.enabled)
		context->sensorGain *= context_.configuration.hdr.gain;

	FoveaParams params(buffer);
	for (const auto &algorithm : algorithms())
		algorithm->prepare(context_, frame, *context, &params);

	paramsComputed.emit(frame, params.bytesused());
}

/**
 * \brief Copy the statistics of a frame
 *
 * A copy, because the memory is shared with the device and must not change
 * between a check and a use.
 *
 * \return The statistics, or nothing if the buffer is 0, unknown or malformed
 */
std::optional<fovea_isp_stats_buffer> IPAFovea::readStats(uint32_t frame, uint32_t bufferId)
{
	if (!bufferId)
		return {};

	Span<uint8_t> buffer = buffers_.get(bufferId, sizeof(fovea_isp_stats_buffer));
	if (buffer.empty())
		return {};

	std::optional<fovea_isp_stats_buffer> stats{ std::in_place };
	memcpy(&*stats, buffer.data(), sizeof(*stats));

	if (stats->version != FOVEA_ISP_STATS_VERSION_2) {
		LOG(IPAFovea, Error)
			<< "Statistics of frame " << frame << " have version "
			<< stats->version << ", expected " << FOVEA_ISP_STATS_VERSION_2;
		return {};
	}

	return stats;
}

/**
 * \brief Note what was in effect in the sensor during the frame
 *
 * What the handler does not report is taken to be what was sent last.
 */
void IPAFovea::readSensorControls(IPAFrameContext &frameContext,
				  const ControlList &sensorControls)
{
	auto value = [&sensorControls](uint32_t id) -> std::optional<int32_t> {
		if (!sensorControls.contains(id))
			return {};
		const ControlValue &control = sensorControls.get(id);
		if (control.type() != ControlTypeInteger32 || control.isArray())
			return {};
		return control.get<int32_t>();
	};

	frameContext.sensor.exposure = std::max(value(V4L2_CID_EXPOSURE).value_or(sent_.exposure), 1);
	frameContext.sensor.vblank = std::max(value(V4L2_CID_VBLANK).value_or(sent_.vblank), 0);
	frameContext.sensor.gain = sent_.gain;

	std::optional<int32_t> code = value(V4L2_CID_ANALOGUE_GAIN);
	if (code) {
		const ControlInfo &info = sensorControls_.at(V4L2_CID_ANALOGUE_GAIN);
		frameContext.sensor.gain = context_.camHelper->gain(
			std::clamp(*code, info.min().get<int32_t>(), info.max().get<int32_t>()));
	}
}

void IPAFovea::processStats(const uint32_t frame, const uint32_t bufferId,
			    const ControlList &sensorControls)
{
	ControlList metadata(controls::controls);

	IPAFrameContext *context = frameContext(frame);
	if (!context) {
		metadataReady.emit(frame, metadata, saveState());
		return;
	}

	readSensorControls(*context, sensorControls);

	/*
	 * The settings that follow from these statistics reach the sensor some
	 * frames from now. The controls of the request of that frame decide
	 * whether they are used, as far as it has been queued.
	 */
	const uint32_t upcoming = std::min(frame + kParamsLatency, *lastQueued_);
	context_.activeState.upcoming = context_.frameContexts.get(upcoming).agc;

	std::optional<fovea_isp_stats_buffer> stats = readStats(frame, bufferId);
	for (const auto &algorithm : algorithms())
		algorithm->process(context_, frame, *context,
				   stats ? &*stats : nullptr, metadata);

	const SensorSettings settings = sensorSettings(context_.configuration,
						       context_.activeState.results.agc,
						       context_.activeState.upcoming, sent_);
	context_.activeState.results.sentGain = settings.gain;
	context_.results.store(frame, context_.activeState.results);

	setSensorControls.emit(frame, sendSettings(settings));
	metadataReady.emit(frame, metadata, saveState());
}

/**
 * \brief Write settings as a control list and remember them
 */
ControlList IPAFovea::sendSettings(const SensorSettings &settings)
{
	sent_ = settings;

	const ControlInfo &info = sensorControls_.at(V4L2_CID_ANALOGUE_GAIN);
	const int32_t code = std::clamp<int32_t>(context_.camHelper->gainCode(settings.gain),
						 info.min().get<int32_t>(),
						 info.max().get<int32_t>());

	ControlList list(sensorControls_);
	list.set(V4L2_CID_EXPOSURE, settings.exposure);
	list.set(V4L2_CID_ANALOGUE_GAIN, code);
	list.set(V4L2_CID_VBLANK, settings.vblank);

	return list;
}

/* Values of IPAFoveaState::filters. */
namespace {

enum Filter {
	FilterExposure,		/* in microseconds, times gain */
	FilterExposureFrames,
	FilterAwbFrames,
	FilterCount,
};

} /* namespace */

/**
 * \brief What a module that takes over has to know
 *
 * The exposure is what was sent, automatic or not, because a switch to manual
 * holds it.
 */
IPAFoveaState IPAFovea::saveState() const
{
	const IPAResults &results = context_.activeState.results;
	const IPAFilters &filters = context_.activeState.filters;

	IPAFoveaState state;
	state.valid = true;
	state.exposure = sent_.exposure;
	state.analogueGain = sent_.gain;
	state.digitalGain = results.agc.digitalGain;
	state.redGain = results.awb.gains.r() / results.awb.gains.g();
	state.blueGain = results.awb.gains.b() / results.awb.gains.g();
	state.colourTemperature = results.awb.temperature;
	state.lux = results.lux;

	state.filters.resize(FilterCount);
	state.filters[FilterExposure] = filters.exposure.get<std::micro>();
	state.filters[FilterExposureFrames] = filters.exposureFrames;
	state.filters[FilterAwbFrames] = filters.awbFrames;

	return state;
}

/**
 * \brief Go on from a saved state; one that makes no sense is left out
 *
 * configure() must have succeeded.
 */
void IPAFovea::restoreState(const IPAFoveaState &state)
{
	const auto &filters = state.filters;
	const bool usable = state.exposure > 0 && state.analogueGain > 0 &&
			    state.digitalGain >= 1.0 && state.redGain > 0 &&
			    state.blueGain > 0 && state.colourTemperature > 0 &&
			    state.lux >= 0 && filters.size() == FilterCount &&
			    filters[FilterExposure] > 0 &&
			    filters[FilterExposureFrames] >= 0 &&
			    filters[FilterExposureFrames] <= kMaxFrameContexts &&
			    filters[FilterAwbFrames] >= 0 &&
			    filters[FilterAwbFrames] <= kMaxFrameContexts;
	if (!usable) {
		LOG(IPAFovea, Warning)
			<< "The saved state makes no sense; exposure and white balance begin anew";
		return;
	}

	const auto &sensor = context_.configuration.sensor;
	const utils::Duration longest =
		(sensor.size.height + sensor.maxVBlank) * sensor.lineDuration;

	IPAResults &results = context_.activeState.results;
	results.agc.exposure = std::clamp(state.exposure, sensor.minExposure,
					  maxExposure(context_.configuration, longest));
	results.agc.gain = std::clamp(state.analogueGain, sensor.minGain, sensor.maxGain);
	results.agc.digitalGain = state.digitalGain;
	results.awb.gains = RGB<double>({ state.redGain, 1.0, state.blueGain });
	results.awb.temperature = state.colourTemperature;
	results.lux = state.lux;

	context_.activeState.filters.exposure = filters[FilterExposure] * 1.0us;
	context_.activeState.filters.exposureFrames = filters[FilterExposureFrames];
	context_.activeState.filters.awbFrames = filters[FilterAwbFrames];
}

} /* namespace ipa::fovea */

/*
 * External IPA module interface
 */

extern "C" {
const struct IPAModuleInfo ipaModuleInfo = {
	IPA_MODULE_API_VERSION,
	1,
	"fovea",
	"fovea",
};

IPAInterface *ipaCreate()
{
	return new ipa::fovea::IPAFovea();
}
}

} /* namespace libcamera */
