/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Fovea ISP with its sensors as a piece of V4L2 hardware
 */

#include "fovea_device.h"

#include <algorithm>

#include <fmt/core.h>

#include <linux/fovea-isp.h>

#include "flash_device.h"
#include "frame_clock.h"
#include "isp_subdevices.h"
#include "lens_device.h"
#include "memory_source.h"
#include "nodes.h"
#include "sensor_device.h"

namespace fovea::device {


/* The entities of one sensor input, in the order of their ids and minor numbers. */
struct FoveaDevice::Input {
	Input(v4l2::MediaDevice *media, unsigned int index, SensorInput parts)
		: source(std::move(parts.sensor)), sensor(media, index, source->properties()),
		  preset(sensor.activeState().pads[0].format),
		  receiver(media, name("csi2rx", index), preset),
		  frontEnd(media, name("frontend", index), preset),
		  raw(media, name("raw", index), V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, preset),
		  stats(media, name("stats", index))
	{
		if (parts.lens)
			lens.emplace(media, index, *parts.lens);
		if (parts.flash)
			flash.emplace(media, index, *parts.flash, [this]() { return clock->time(); });
	}

	static std::string name(const char *base, unsigned int index)
	{
		return fmt::format("fovea-{}{}", base, index);
	}

	FrontEndGraph graph()
	{
		return { &sensor, &receiver, &frontEnd, &raw, &stats, lens ? &*lens : nullptr };
	}

	std::unique_ptr<sensor::Sensor> source;
	SensorDevice sensor;
	const v4l2_mbus_framefmt preset;
	Csi2Receiver receiver;
	FrontEnd frontEnd;
	RawNode raw;
	StatsNode stats;
	std::optional<LensDevice> lens;
	std::optional<FlashDevice> flash;
	std::unique_ptr<FrameClock> clock;
};

/* The entities of the back end, and the source that is a part of it. */
struct FoveaDevice::BackEndEntities {
	BackEndEntities(v4l2::MediaDevice *media, const v4l2_mbus_framefmt &preset)
		: isp(media, "fovea-backend", preset), params(media, "fovea-params"),
		  stats(media, "fovea-backend-stats"),
		  input(media, "fovea-input", V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE, preset),
		  mainScaler(media, "fovea-scaler0", preset), main(media, "fovea-main0", preset),
		  viewfinderScaler(media, "fovea-scaler1", preset),
		  viewfinder(media, "fovea-viewfinder0", preset)
	{
	}

	BackEndGraph graph()
	{
		return { &isp, &params,
			 { { { Role::Main, &mainScaler, &main },
			     { Role::Viewfinder, &viewfinderScaler, &viewfinder } } } };
	}

	FrameNodes nodes();

	BackEnd isp;
	ParamsNode params;
	StatsNode stats;
	RawNode input;
	Scaler mainScaler;
	ImageNode main;
	Scaler viewfinderScaler;
	ImageNode viewfinder;
	std::unique_ptr<MemorySource> memory;
};

/* The nodes that work for whatever source feeds the back end. */
FrameNodes FoveaDevice::BackEndEntities::nodes()
{
	FrameNodes nodes;
	nodes[Role::Params] = &params;
	nodes[Role::Main] = &main;
	nodes[Role::Viewfinder] = &viewfinder;
	nodes[Role::BackEndStats] = &stats;

	return nodes;
}

/**
 * \class FoveaDevice
 * \brief All nodes of one ISP and its sensors
 *
 * Open files of the nodes have to be gone, or unregistered, before the device goes.
 */

FoveaDevice::FoveaDevice(v4l2::EventLoop *loop, std::vector<SensorInput> inputs,
			 const DeviceOptions &options)
	: media_({ FOVEA_ISP_DRIVER_NAME, "Fovea ISP", "", "platform:fovea-isp",
		   FOVEA_ISP_HW_REVISION_2 },
		 options.numbers)
{
	for (SensorInput &input : inputs)
		inputs_.push_back(std::make_unique<Input>(&media_, inputs_.size(), std::move(input)));
	backEnd_ = std::make_unique<BackEndEntities>(&media_, inputs_[0]->preset);
	addLinks();

	for (unsigned int i = 0; i < inputs_.size(); i++)
		addClock(i, loop, options);
	addMemorySource(loop, options);
}

FoveaDevice::~FoveaDevice() = default;

void FoveaDevice::addClock(unsigned int index, v4l2::EventLoop *loop, const DeviceOptions &options)
{
	Input *input = inputs_[index].get();
	FrameNodes nodes = backEnd_->nodes();
	nodes[Role::Raw] = &input->raw;
	nodes[Role::Stats] = &input->stats;

	input->clock = std::make_unique<FrameClock>(loop, input->source.get(), input->graph(),
						    backEnd_->graph(), nodes, options.virtualTime,
						    options.threads);
	input->sensor.setFaults(options.faults, index);
	input->clock->setFaults(options.faults, index);
	router_.add(input->clock.get(), nodes);
}

void FoveaDevice::addMemorySource(v4l2::EventLoop *loop, const DeviceOptions &options)
{
	FrameNodes nodes = backEnd_->nodes();
	nodes[Role::Input] = &backEnd_->input;

	backEnd_->memory = std::make_unique<MemorySource>(loop, &backEnd_->input, backEnd_->graph(),
							  nodes, options.threads);
	router_.add(backEnd_->memory.get(), nodes);
}

/**
 * \brief Create the device with given sensors
 * \param[in] loop The event loop that everything runs in
 * \param[in] inputs What is connected to each sensor input, one or two
 * \param[in] options Clock and threads
 * \param[out] error What is wrong
 * \return The device, or nullptr with \a error set
 */
std::unique_ptr<FoveaDevice>
FoveaDevice::create(v4l2::EventLoop *loop, std::vector<SensorInput> inputs,
		    const DeviceOptions &options, std::string *error)
{
	if (options.threads < 1 || options.threads > 64) {
		*error = fmt::format("threads is {}, expected 1 to 64", options.threads);
		return nullptr;
	}

	if (inputs.empty() || inputs.size() > sensor::kMaxSensors) {
		*error = fmt::format("{} sensors, expected 1 to {}", inputs.size(), sensor::kMaxSensors);
		return nullptr;
	}

	for (const SensorInput &input : inputs) {
		if (SensorDevice::check(input.sensor->properties(), error))
			return nullptr;
	}

	return std::unique_ptr<FoveaDevice>(new FoveaDevice(loop, std::move(inputs), options));
}

/**
 * \brief Create the device that a rig describes
 *
 * The rig's clock counts unless \a options ask for virtual time.
 *
 * \return The device, or nullptr with \a error set
 */
std::unique_ptr<FoveaDevice>
FoveaDevice::create(v4l2::EventLoop *loop, const sensor::Rig &rig,
		    const sensor::SearchPath &search, const DeviceOptions &options,
		    std::string *error)
{
	std::vector<SensorInput> inputs;

	for (const sensor::SensorSlot &slot : rig.sensors) {
		SensorInput input;
		input.sensor = sensor::makeSensor(slot, search, error);
		if (!input.sensor)
			return nullptr;
		input.lens = slot.lens;
		input.flash = slot.flash;
		inputs.push_back(std::move(input));
	}

	DeviceOptions actual = options;
	actual.virtualTime |= rig.clock == sensor::Clock::VirtualTime;
	std::unique_ptr<FoveaDevice> device = create(loop, std::move(inputs), actual, error);
	if (!device)
		*error = fmt::format("rig {}: {}", rig.name, *error);

	return device;
}

/*
 * The graph: which entity feeds which. The first input feeds the back end at
 * first. The viewfinder's link can be disabled, so that its formats need not be
 * set where nobody wants it.
 */
void FoveaDevice::addLinks()
{
	constexpr uint32_t fixed = MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE;

	struct Connection {
		v4l2::Entity *source;
		unsigned int sourcePad;
		v4l2::Entity *sink;
		unsigned int sinkPad;
		uint32_t flags;
	};
	std::vector<Connection> links;

	for (const std::unique_ptr<Input> &input : inputs_) {
		const uint32_t image = input == inputs_.front() ? MEDIA_LNK_FL_ENABLED : 0;

		links.insert(links.end(), {
			{ &input->sensor, 0, &input->receiver, Csi2Receiver::Sink, fixed },
			{ &input->receiver, Csi2Receiver::Source, &input->frontEnd, FrontEnd::Sink, fixed },
			{ &input->frontEnd, FrontEnd::RawSource, &input->raw, 0, fixed },
			{ &input->frontEnd, FrontEnd::StatsSource, &input->stats, 0, fixed },
			{ &input->frontEnd, FrontEnd::ImageSource, &backEnd_->isp, BackEnd::Sink, image },
		});
	}

	BackEndEntities &b = *backEnd_;
	links.insert(links.end(), {
		{ &b.input, 0, &b.isp, BackEnd::Sink, 0 },
		{ &b.params, 0, &b.isp, BackEnd::ParamsSink, fixed },
		{ &b.isp, BackEnd::StatsSource, &b.stats, 0, fixed },
		{ &b.isp, BackEnd::Source, &b.mainScaler, Scaler::Sink, fixed },
		{ &b.mainScaler, Scaler::Source, &b.main, 0, fixed },
		{ &b.isp, BackEnd::Source, &b.viewfinderScaler, Scaler::Sink, MEDIA_LNK_FL_ENABLED },
		{ &b.viewfinderScaler, Scaler::Source, &b.viewfinder, 0, fixed },
	});

	for (const Connection &link : links)
		media_.addLink(link.source, link.sourcePad, link.sink, link.sinkPad, link.flags);

	for (const std::unique_ptr<Input> &input : inputs_) {
		if (input->lens)
			media_.addAncillaryLink(&input->sensor, &*input->lens);
		if (input->flash)
			media_.addAncillaryLink(&input->sensor, &*input->flash);
	}
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
