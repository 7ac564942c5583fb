/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-hw: the virtual hardware as a process
 */

#include <algorithm>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "isp_sim/device/fault_timeline.h"
#include "isp_sim/device/fovea_device.h"
#include "isp_sim/graph/graph_rig.h"
#include "isp_sim/graph/hardware.h"
#include "isp_sim/sensor/config.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/v4l2/event_loop.h"

#include "log.h"
#include "machine.h"
#include "owned_fd.h"

using namespace fovea;
using server::LogLevel;

namespace {

constexpr const char *kDefaultRig = "default";
constexpr unsigned int kMaxThreads = 64;

struct Options {
	std::string socket;
	std::string sysfs;
	std::string rig = kDefaultRig;
	std::string scene;
	std::string recording;
	std::string faults;
	std::string logLevel = "warning";
	unsigned int threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
	int readyFd = -1;
	bool virtualTime = false;
};

int fail(const std::string &message)
{
	server::log(LogLevel::Error, message);
	return EXIT_FAILURE;
}

void addOptions(CLI::App *app, Options *options)
{
	app->add_option("--socket", options->socket, "Unix socket to serve at (FOVEA_SOCKET of clients)")
		->required();
	app->add_option("--sysfs", options->sysfs,
			"Directory to create for the entries of /sys and /dev (FOVEA_SYSFS of clients)")
		->required();
	app->add_option("--rig", options->rig, "Rig: which hardware there is; a name or a YAML file");
	CLI::Option *scene = app->add_option("--scene", options->scene,
					     "Scene that the sensor sees; a name or a YAML file");
	app->add_option("--recording", options->recording,
			"Recorded raw frames that the sensor sees; a name, a recording (.fvr), a YAML file, or a raw file beside it")
		->excludes(scene);
	app->add_option("--faults", options->faults,
			"Faults of the hardware, beside those of the rig; a name or a YAML file");
	app->add_flag("--virtual-time", options->virtualTime,
		      "Take a frame whenever software is ready for it");
	app->add_option("--threads", options->threads, "Threads of the ISP, 1 to 64")
		->check(CLI::Range(1U, kMaxThreads));
	app->add_option("--ready-fd", options->readyFd,
			"Descriptor to write a byte to when clients can connect")
		->check(CLI::NonNegativeNumber);
	app->add_option("--log-level", options->logLevel, "error, warning, info or debug")
		->check(CLI::IsMember({ "error", "warning", "info", "debug" }));
	app->footer("fovea-run starts it with what belongs to it, and a command beside it.\n\n"
		    "Example:\n"
		    "  fovea-hw --socket /tmp/hw --sysfs /tmp/hw-sysfs &\n"
		    "  FOVEA_SOCKET=/tmp/hw FOVEA_SYSFS=/tmp/hw-sysfs LD_PRELOAD=libfovea-v4l2.so media-ctl -p");
}

/*
 * A recording brings its own sensor model; a scene is seen by the rig's.
 * \a rig has at least one sensor.
 */
void chooseView(const Options &options, sensor::Rig *rig)
{
	sensor::SensorSlot &slot = rig->sensors.front();

	if (!options.scene.empty()) {
		slot.scene = options.scene;
		slot.recording.clear();
	}
	if (!options.recording.empty())
		slot = { "", "", options.recording };
}

/* What goes wrong, by the rig and by the command line. */
std::shared_ptr<device::FaultTimeline> createTimeline(const Options &options,
						      const sensor::SearchPath &search,
						      std::string *error)
{
	std::optional<sensor::Rig> rig = sensor::loadRig(options.rig, search, error);
	if (!rig)
		return nullptr;

	if (!options.faults.empty()) {
		const auto faults = sensor::loadFaults(options.faults, search, error);
		if (!faults)
			return nullptr;
		rig->faults.insert(rig->faults.end(), faults->begin(), faults->end());
	}

	return std::make_shared<device::FaultTimeline>(std::move(rig->faults));
}

/* Bring the faults that are more than the device's own to the machine. */
void connectFaults(device::FaultTimeline *faults, v4l2::EventLoop *loop, server::Machine *machine)
{
	const auto report = [](int ret, const std::string &error) {
		if (ret)
			server::log(LogLevel::Warning, error);
	};
	const auto plug = [=]() {
		std::string error;
		report(machine->plug("", &error), error);
	};

	/* Asked for from within the device that goes. */
	faults->unplug = [=](std::optional<std::chrono::nanoseconds> away) {
		loop->post([=]() {
			std::string error;
			report(machine->unplug("", &error), error);
			if (away)
				loop->addTimer(v4l2::EventLoop::Clock::now() + *away, plug);
		});
	};

	machine->server().takeDelay = [faults]() { return faults->takeDelay(); };
}

std::unique_ptr<device::FoveaDevice> createDevice(const Options &options, v4l2::EventLoop *loop,
						  const std::shared_ptr<v4l2::NodeNumbers> &numbers,
						  const std::shared_ptr<device::FaultTimeline> &faults,
						  std::string *error)
{
	const sensor::SearchPath search = sensor::SearchPath::fromEnvironment();
	std::optional<sensor::Rig> rig = sensor::loadRig(options.rig, search, error);
	if (!rig)
		return nullptr;

	if (rig->sensors.empty()) {
		*error = "rig " + options.rig + ": sensors: must have at least one entry";
		return nullptr;
	}
	chooseView(options, &*rig);

	device::DeviceOptions deviceOptions;
	deviceOptions.virtualTime = options.virtualTime || rig->clock == sensor::Clock::VirtualTime;
	deviceOptions.threads = options.threads;
	deviceOptions.numbers = numbers;
	deviceOptions.faults = faults;
	return device::FoveaDevice::create(loop, *rig, search, deviceOptions, error);
}

/* The media devices of a rig that describes their graphs. */
int addGraphs(const Options &options, std::string_view text, const std::string &file,
	      v4l2::EventLoop *loop, server::Machine *machine, std::string *error)
{
	if (!options.scene.empty() || !options.recording.empty()) {
		*error = "rig " + options.rig + ": its sensors show test patterns, neither scenes nor recordings";
		return -EINVAL;
	}

	if (!options.faults.empty()) {
		*error = "rig " + options.rig + ": faults are known to the Fovea hardware only";
		return -EINVAL;
	}

	std::optional<graph::GraphRig> rig = graph::parseGraphRig(text, file, error);
	if (!rig)
		return -EINVAL;

	const auto numbers = std::make_shared<v4l2::NodeNumbers>();
	const bool virtualTime = options.virtualTime || rig->virtualTime;
	for (const graph::DeviceConfig &device : rig->devices) {
		const auto create = [=](std::string *) {
			return std::make_unique<graph::GraphHardware>(loop, device, numbers, virtualTime);
		};
		if (int ret = machine->add(create, error))
			return ret;
	}

	return 0;
}

/* All hardware of the rig. */
int addHardware(const Options &options, v4l2::EventLoop *loop, server::Machine *machine,
		std::string *error)
{
	const sensor::SearchPath search = sensor::SearchPath::fromEnvironment();
	const std::optional<std::string> file = sensor::findRig(options.rig, search, error);
	std::string text;

	if (!file || !sensor::readTextFile(*file, &text, error))
		return -EINVAL;
	if (graph::isGraphRig(text))
		return addGraphs(options, text, *file, loop, machine, error);

	const std::shared_ptr<device::FaultTimeline> faults = createTimeline(options, search, error);
	if (!faults)
		return -EINVAL;
	connectFaults(faults.get(), loop, machine);

	const auto numbers = std::make_shared<v4l2::NodeNumbers>();
	return machine->add([&options, loop, numbers, faults](std::string *reason) {
		return createDevice(options, loop, numbers, faults, reason);
	}, error);
}

/*
 * Terminating signals arrive as events of the loop, in all threads: they are
 * blocked before there is another one.
 */
OwnedFd terminationSignals()
{
	sigset_t signals;
	sigemptyset(&signals);
	for (int number : { SIGTERM, SIGINT, SIGHUP })
		sigaddset(&signals, number);
	sigprocmask(SIG_BLOCK, &signals, nullptr);

	return OwnedFd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

/* Each open file of a client takes half a dozen descriptors. */
void raiseDescriptorLimit()
{
	rlimit limit = {};
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void reportReady(int fd)
{
	if (fd < 0)
		return;

	if (write(fd, "1", 1) != 1)
		server::log(LogLevel::Warning, server::errorText("--ready-fd", errno));
	close(fd);
}

int serve(const Options &options)
{
	OwnedFd signals = terminationSignals();
	raiseDescriptorLimit();

	v4l2::EventLoop loop;
	server::Machine machine(&loop);
	std::string error;

	if (addHardware(options, &loop, &machine, &error) ||
	    machine.serve(options.socket, options.sysfs, &error) ||
	    loop.addFd(signals.get(), EPOLLIN, [&loop](uint32_t) { loop.stop(); }))
		return fail(error);

	reportReady(options.readyFd);
	server::log(LogLevel::Info, "serving at " + options.socket);

	const int ret = loop.run();
	return ret ? fail(server::errorText("event loop", -ret)) : EXIT_SUCCESS;
}

} /* namespace */

int main(int argc, char **argv)
{
	CLI::App app{ "Virtual camera hardware: sensor, ISP and their V4L2 device nodes" };
	Options options;
	addOptions(&app, &options);
	CLI11_PARSE(app, argc, argv);

	LogLevel level;
	if (server::parseLogLevel(options.logLevel, &level))
		server::setLogLevel(level);

	return serve(options);
}
