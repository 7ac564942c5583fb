/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Fovea ISP with its sensor as a piece of V4L2 hardware
 */

#include "fovea_device.h"

#include <algorithm>

#include <fmt/core.h>

#include <linux/fovea-isp.h>

#include "frame_clock.h"
#include "isp_subdevices.h"
#include "nodes.h"
#include "sensor_device.h"

namespace fovea::device {

/* The entities, in the order of their ids and minor numbers. */
struct FoveaDevice::Entities {
	Entities(v4l2::EventLoop *loop, v4l2::MediaDevice *media, sensor::Sensor *source,
		 const DeviceOptions &options)
		: sensor(media, source->properties()), preset(sensor.activeState().pads[0].format),
		  receiver(media, "fovea-csi2rx0", preset),
		  frontEnd(media, "fovea-frontend0", preset),
		  raw(media, "fovea-raw0", preset), stats(media, "fovea-stats0"),
		  backEnd(media, "fovea-backend", preset), params(media, "fovea-params"),
		  scaler(media, "fovea-scaler0", preset), main(media, "fovea-main0", preset),
		  clock(loop, source,
			{ &sensor, &receiver, &frontEnd, &raw, &stats, &backEnd, &params,
			  &scaler, &main },
			options.virtualTime, options.threads)
	{
	}

	SensorDevice sensor;
	const v4l2_mbus_framefmt preset;
	Csi2Receiver receiver;
	FrontEnd frontEnd;
	RawNode raw;
	StatsNode stats;
	BackEnd backEnd;
	ParamsNode params;
	Scaler scaler;
	MainNode main;
	FrameClock clock;
};

/**
 * \class FoveaDevice
 * \brief All nodes of one ISP and its sensor
 *
 * Open files of the nodes have to be gone before the device goes.
 */

FoveaDevice::FoveaDevice(v4l2::EventLoop *loop, std::unique_ptr<sensor::Sensor> sensor,
			 const DeviceOptions &options)
	: sensor_(std::move(sensor)),
	  media_({ FOVEA_ISP_DRIVER_NAME, "Fovea ISP", "", "platform:fovea-isp",
		   FOVEA_ISP_HW_REVISION_1 }),
	  entities_(std::make_unique<Entities>(loop, &media_, sensor_.get(), options))
{
	addLinks();
}

FoveaDevice::~FoveaDevice() = default;

/**
 * \brief Create the device with a given sensor
 * \param[in] loop The event loop that everything runs in
 * \param[in] sensor The sensor
 * \param[in] options Clock and threads
 * \param[out] error What is wrong
 * \return The device, or nullptr with \a error set
 */
std::unique_ptr<FoveaDevice>
FoveaDevice::create(v4l2::EventLoop *loop, std::unique_ptr<sensor::Sensor> sensor,
		    const DeviceOptions &options, std::string *error)
{
	if (options.threads < 1 || options.threads > 64) {
		*error = fmt::format("threads is {}, expected 1 to 64", options.threads);
		return nullptr;
	}

	if (SensorDevice::check(sensor->properties(), error))
		return nullptr;

	return std::unique_ptr<FoveaDevice>(new FoveaDevice(loop, std::move(sensor), options));
}

/**
 * \brief Create the device that a rig describes
 *
 * This revision of the hardware has one sensor input. The rig's clock counts
 * unless \a options ask for virtual time.
 *
 * \return The device, or nullptr with \a error set
 */
std::unique_ptr<FoveaDevice>
FoveaDevice::create(v4l2::EventLoop *loop, const sensor::Rig &rig,
		    const sensor::SearchPath &search, const DeviceOptions &options,
		    std::string *error)
{
	if (rig.sensors.size() != 1) {
		*error = fmt::format("rig {}: {} sensors, expected 1", rig.name, rig.sensors.size());
		return nullptr;
	}

	std::unique_ptr<sensor::Sensor> sensor = sensor::makeSensor(rig.sensors[0], search, error);
	if (!sensor)
		return nullptr;

	DeviceOptions actual = options;
	actual.virtualTime |= rig.clock == sensor::Clock::VirtualTime;
	return create(loop, std::move(sensor), actual, error);
}

/* The graph: which entity feeds which. */
void FoveaDevice::addLinks()
{
	constexpr uint32_t fixed = MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE;

	const struct {
		v4l2::Entity *source;
		unsigned int sourcePad;
		v4l2::Entity *sink;
		unsigned int sinkPad;
		uint32_t flags;
	} links[] = {
		{ &entities_->sensor, 0, &entities_->receiver, Csi2Receiver::Sink, fixed },
		{ &entities_->receiver, Csi2Receiver::Source, &entities_->frontEnd, FrontEnd::Sink, fixed },
		{ &entities_->frontEnd, FrontEnd::RawSource, &entities_->raw, 0, fixed },
		{ &entities_->frontEnd, FrontEnd::StatsSource, &entities_->stats, 0, fixed },
		{ &entities_->frontEnd, FrontEnd::ImageSource, &entities_->backEnd, BackEnd::Sink, MEDIA_LNK_FL_ENABLED },
		{ &entities_->params, 0, &entities_->backEnd, BackEnd::ParamsSink, fixed },
		{ &entities_->backEnd, BackEnd::Source, &entities_->scaler, Scaler::Sink, fixed },
		{ &entities_->scaler, Scaler::Source, &entities_->main, 0, fixed },
	};

	for (const auto &link : links)
		media_.addLink(link.source, link.sourcePad, link.sink, link.sinkPad, link.flags);
}

std::string FoveaDevice::driver() const
{
	return FOVEA_ISP_DRIVER_NAME;
}

const std::vector<v4l2::DeviceNode *> &FoveaDevice::nodes() const
{
	return media_.nodes();
}

/** \brief The node with the sysfs name \a label ("fovea-raw0"), or nullptr */
v4l2::DeviceNode *FoveaDevice::node(const std::string &label) const
{
	auto it = std::find_if(nodes().begin(), nodes().end(),
			       [&](const v4l2::DeviceNode *n) { return n->label() == label; });
	return it == nodes().end() ? nullptr : *it;
}

} /* namespace fovea::device */
