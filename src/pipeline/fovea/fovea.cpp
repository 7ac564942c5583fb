/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Pipeline handler for the Fovea ISP
 */

#include <algorithm>
#include <errno.h>
#include <memory>
#include <set>
#include <string.h>
#include <vector>

#include <linux/fovea-isp.h>
#include <linux/media.h>

#include <libcamera/base/log.h>
#include <libcamera/base/object.h>

#include <libcamera/camera.h>
#include <libcamera/control_ids.h>
#include <libcamera/controls.h>
#include <libcamera/stream.h>

#include "libcamera/internal/device_enumerator.h"
#include "libcamera/internal/media_device.h"
#include "libcamera/internal/pipeline_handler.h"

#include "back_end.h"
#include "camera_configuration.h"
#include "camera_data.h"
#include "capture_session.h"
#include "entities.h"

namespace libcamera {

LOG_DEFINE_CATEGORY(Fovea)

namespace {

/*
 * Requests that are in the handler at once; the rest waits in libcamera. More
 * than the latency of the parameters plus the frames in readout and processing
 * would only make controls late.
 */
constexpr unsigned int kMaxQueuedRequests = 8;

} /* namespace */

/**
 * \class PipelineHandlerFovea
 * \brief Pipeline handler for the Fovea ISP
 *
 * It finds the device and its cameras, brings configurations to the hardware,
 * and leaves the frames to a CaptureSession. The back end is shared: several
 * cameras can be acquired and configured, and one captures at a time.
 */
class PipelineHandlerFovea : public PipelineHandler
{
public:
	PipelineHandlerFovea(CameraManager *manager);

	bool match(DeviceEnumerator *enumerator) override;

	std::unique_ptr<CameraConfiguration>
	generateConfiguration(Camera *camera, Span<const StreamRole> roles) override;
	int configure(Camera *camera, CameraConfiguration *config) override;

	int exportFrameBuffers(Camera *camera, Stream *stream,
			       std::vector<std::unique_ptr<FrameBuffer>> *buffers) override;

	int start(Camera *camera, const ControlList *controls) override;

protected:
	int queueRequestDevice(Camera *camera, Request *request) override;
	void stopDevice(Camera *camera) override;

private:
	static fovea::CameraData *cameraData(Camera *camera)
	{
		return static_cast<fovea::CameraData *>(camera->_d());
	}

	bool checkRevision() const;
	bool addCamera(MediaEntity *sensor);
	int configureSensor(fovea::CameraData *data,
			    const fovea::Configuration &config,
			    V4L2SubdeviceFormat *format);
	int configureOutputs(fovea::CameraData *data,
			     const fovea::Configuration &config);
	int configureBackEnd(fovea::CameraData *data,
			     const fovea::Configuration &config,
			     const V4L2SubdeviceFormat &format);
	int claimBackEnd(fovea::CameraData *data);
	int applyHdr(fovea::CameraData *data, const ControlList &controls);
	void deviceLost();
	void deviceUnplugged();

	std::shared_ptr<MediaDevice> media_;
	fovea::BackEnd backEnd_;
	/* The camera that the back end is configured for; never dereferenced. */
	const fovea::CameraData *backEndUser_ = nullptr;
	std::unique_ptr<fovea::CaptureSession> session_;

	/* An object connects to a signal once, and libcamera has connected this. */
	Object unplugReceiver_;
};

PipelineHandlerFovea::PipelineHandlerFovea(CameraManager *manager)
	: PipelineHandler(manager, kMaxQueuedRequests)
{
}

/**
 * \brief Find a Fovea ISP and register a camera for each of its sensors
 *
 * A sensor that can't be used is skipped; the others work without it.
 */
bool PipelineHandlerFovea::match(DeviceEnumerator *enumerator)
{
	DeviceMatch match(FOVEA_ISP_DRIVER_NAME);
	match.add(fovea::kReceiverEntity);
	match.add(fovea::kFrontEndEntity);
	match.add(fovea::kRawEntity);
	match.add(fovea::kStatsEntity);
	match.add(fovea::kBackEndEntity);
	match.add(fovea::kParamsEntity);
	match.add(fovea::kScalerEntity);
	match.add(fovea::kMainEntity);
	match.add(fovea::kViewfinderScalerEntity);
	match.add(fovea::kViewfinderEntity);

	media_ = acquireMediaDevice(enumerator, match);
	if (!media_)
		return false;

	if (!checkRevision() || backEnd_.open(media_.get()))
		return false;

	/* In this order: requests complete before their cameras go. */
	media_->disconnected.connect(&unplugReceiver_, [this] { deviceUnplugged(); });
	hotplugMediaDevice(media_);

	unsigned int cameras = 0;
	for (MediaEntity *sensor : media_->locateEntities(MEDIA_ENT_F_CAM_SENSOR))
		cameras += addCamera(sensor);

	return cameras > 0;
}

/* Later revisions only add blocks and entities (linux/fovea-isp.h). */
bool PipelineHandlerFovea::checkRevision() const
{
	if (media_->hwRevision() >= FOVEA_ISP_HW_REVISION_2)
		return true;

	LOG(Fovea, Error)
		<< media_->deviceNode() << ": hardware revision "
		<< media_->hwRevision() << " is unknown, expected "
		<< FOVEA_ISP_HW_REVISION_2 << " or later";

	return false;
}

bool PipelineHandlerFovea::addCamera(MediaEntity *sensor)
{
	auto data = std::make_unique<fovea::CameraData>(this);
	int ret = data->init(sensor);
	if (ret) {
		LOG(Fovea, Error)
			<< "No camera for sensor '" << sensor->name() << "': "
			<< strerror(-ret);
		return false;
	}

	const std::string id = data->sensor()->id();
	const std::set<Stream *> streams{ &data->mainStream_, &data->viewfinderStream_,
					  &data->rawStream_ };

	registerCamera(Camera::create(std::move(data), id, streams));

	return true;
}

std::unique_ptr<CameraConfiguration>
PipelineHandlerFovea::generateConfiguration(Camera *camera,
					    Span<const StreamRole> roles)
{
	auto config = std::make_unique<fovea::Configuration>(camera->shared_from_this(),
							     cameraData(camera),
							     &backEnd_);
	if (roles.empty())
		return config;

	if (config->addRoles(roles) ||
	    config->validate() == CameraConfiguration::Invalid)
		return nullptr;

	return config;
}

int PipelineHandlerFovea::configure(Camera *camera, CameraConfiguration *c)
{
	const auto &config = *static_cast<fovea::Configuration *>(c);
	fovea::CameraData *data = cameraData(camera);

	V4L2SubdeviceFormat format;
	int ret = configureSensor(data, config, &format);
	if (ret)
		return ret;

	ret = data->frontEnd_.configure(format);
	if (!ret)
		ret = configureOutputs(data, config);
	if (!ret)
		ret = configureBackEnd(data, config, format);
	if (ret) {
		LOG(Fovea, Error)
			<< "The device refuses the configuration: " << strerror(-ret);
		return ret;
	}

	const fovea::BackEndConfiguration &wanted = data->backEndConfig_;
	return data->configureIpa({ format, config.transform(), config.colorSpace(),
				    fovea::defaultCrop(format.size, wanted.mainSize()),
				    config.raw() != nullptr });
}

/* Apply the validated sensor format; \a format is what the sensor sends. */
int PipelineHandlerFovea::configureSensor(fovea::CameraData *data,
					  const fovea::Configuration &config,
					  V4L2SubdeviceFormat *format)
{
	CameraSensor *sensor = data->sensor();
	*format = config.sensorFormat();

	int ret = data->resetHdr();
	if (ret)
		return ret;

	ret = config.sensorConfig
			  ? sensor->applyConfiguration(*config.sensorConfig,
						       config.transform(), format)
			  : sensor->setFormat(format, config.transform());
	if (ret)
		LOG(Fovea, Error)
			<< "The sensor refuses " << config.sensorFormat() << ": "
			<< strerror(-ret);

	return ret;
}

int PipelineHandlerFovea::configureOutputs(fovea::CameraData *data,
					   const fovea::Configuration &config)
{
	data->outputs_.clear();

	if (const StreamConfiguration *raw = config.raw()) {
		int ret = data->frontEnd_.configureRaw(*raw);
		if (ret)
			return ret;

		data->outputs_.push_back({ &data->rawStream_, data->frontEnd_.raw() });
	}

	if (config.main())
		data->outputs_.push_back({ &data->mainStream_, backEnd_.main().node() });
	if (config.viewfinder())
		data->outputs_.push_back({ &data->viewfinderStream_,
					   backEnd_.viewfinder().node() });

	return 0;
}

/*
 * Note what the camera wants of the back end, and configure it unless another
 * camera captures; then that has to wait until this one starts.
 */
int PipelineHandlerFovea::configureBackEnd(fovea::CameraData *data,
					   const fovea::Configuration &config,
					   const V4L2SubdeviceFormat &format)
{
	fovea::BackEndConfiguration &wanted = data->backEndConfig_;
	wanted = { data->frontEnd_.entity(), format, {}, {} };
	if (config.main())
		wanted.main = *config.main();
	if (config.viewfinder())
		wanted.viewfinder = *config.viewfinder();

	if (backEndUser_ == data)
		backEndUser_ = nullptr;

	return session_ ? 0 : claimBackEnd(data);
}

/*
 * Let the back end work for the camera of \a data, as it was configured. Returns
 * -EBUSY while another camera captures.
 */
int PipelineHandlerFovea::claimBackEnd(fovea::CameraData *data)
{
	if (backEndUser_ == data)
		return 0;

	if (session_) {
		LOG(Fovea, Error)
			<< "Another camera uses the back end of "
			<< media_->deviceNode() << ": stop it first";
		return -EBUSY;
	}

	/* Whatever fails on the way leaves it as nobody's. */
	backEndUser_ = nullptr;
	int ret = backEnd_.configure(media_.get(), data->backEndConfig_);
	if (!ret)
		backEndUser_ = data;

	return ret;
}

int PipelineHandlerFovea::exportFrameBuffers(Camera *camera, Stream *stream,
					     std::vector<std::unique_ptr<FrameBuffer>> *buffers)
{
	fovea::CameraData *data = cameraData(camera);

	/* Buffers have the size that the node is configured for. */
	int ret = claimBackEnd(data);
	if (ret)
		return ret;

	for (const fovea::CameraData::Output &output : data->outputs_) {
		if (output.stream == stream)
			return output.node->exportBuffers(stream->configuration().bufferCount,
							  buffers);
	}

	return -EINVAL;
}

/*
 * Take the sensor's mode with a wide range in place of the configured one, or back, as
 * the controls at start say. The back end's pictures stay what they are.
 */
int PipelineHandlerFovea::applyHdr(fovea::CameraData *data, const ControlList &controls)
{
	const int32_t mode = controls.get(controls::HdrMode).value_or(controls::HdrModeOff);
	const unsigned int code = data->backEndConfig_.rawFormat.code;

	int ret = data->setHdr(mode != controls::HdrModeOff);
	if (ret)
		return ret;

	if (data->backEndConfig_.rawFormat.code != code && backEndUser_ == data)
		backEndUser_ = nullptr;

	return claimBackEnd(data);
}

int PipelineHandlerFovea::start(Camera *camera, const ControlList *controls)
{
	fovea::CameraData *data = cameraData(camera);

	int ret = claimBackEnd(data);
	if (ret)
		return ret;

	/* An application's list may tell nothing of the controls' origin. */
	ControlList startControls(controls::controls);
	if (controls)
		startControls.merge(*controls);

	ret = applyHdr(data, startControls);
	if (ret)
		return ret;

	session_ = std::make_unique<fovea::CaptureSession>(this, data, &backEnd_,
							   kMaxQueuedRequests);
	session_->deviceLost.connect(this, [this] {
		/* Not from within the session: this may be the camera's end. */
		invokeMethod(&PipelineHandlerFovea::deviceLost, ConnectionTypeQueued);
	});

	ret = session_->start(startControls);
	if (ret)
		session_.reset();

	return ret;
}

int PipelineHandlerFovea::queueRequestDevice([[maybe_unused]] Camera *camera,
					     Request *request)
{
	/* An application may queue while another thread of it stops the camera. */
	return session_ ? session_->queue(request) : -EIO;
}

void PipelineHandlerFovea::stopDevice([[maybe_unused]] Camera *camera)
{
	session_->stop();
	session_.reset();
}

/* The device does not answer any more: it is as good as unplugged. */
void PipelineHandlerFovea::deviceLost()
{
	/* This handler may go with its last camera. */
	std::shared_ptr<MediaDevice> media = media_;
	media->disconnected.emit();
}

/*
 * Every request completes before the application hears of it. Nodes that stay open
 * would keep poll() busy.
 */
void PipelineHandlerFovea::deviceUnplugged()
{
	if (session_)
		session_->disconnect();

	backEnd_.close();
}

REGISTER_PIPELINE_HANDLER(PipelineHandlerFovea, "fovea")

} /* namespace libcamera */
