/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * libudev: news of devices
 *
 * Each monitor of the application is one of ours with one of libudev's inside.
 * The descriptor to wait for is an epoll instance with the server's connection
 * in it and, where the application wants to hear of more than cameras, libudev's
 * socket.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "isp_sim/server/protocol.h"

#include "../client.h"
#include "../environment.h"
#include "../files.h"
#include "../real.h"
#include "../wrap.h"

#include "udev.h"

namespace fovea::preload::udev {

const char monitorMagic = 'm';

namespace {

struct Monitor {
	Object object;
	udev_monitor *real;
	Entry *subsystems;	/* with the device type as the value; none: all */
	bool tagged;		/* a tag is wanted, and the virtual devices have none */
	int epoll;
	int connection;		/* hidden; -1 before the monitor is enabled */
};

bool wantsOursOnly(const Monitor &monitor)
{
	for (const Entry *entry = monitor.subsystems; entry; entry = entry->next) {
		if (!isOwnedSubsystem(entry->name))
			return false;
	}
	return monitor.subsystems;
}

bool passesFilter(const Monitor &monitor, const Device *device)
{
	const char *subsystem = subsystemOf(device);
	const char *type = valueOf(device->properties, "DEVTYPE");
	if (monitor.tagged)
		return false;

	for (const Entry *entry = monitor.subsystems; entry; entry = entry->next) {
		if (subsystem && !strcmp(entry->name, subsystem) &&
		    (!entry->value || (type && !strcmp(entry->value, type))))
			return true;
	}
	return !monitor.subsystems;
}

int watch(Monitor *monitor, int fd)
{
	epoll_event event = {};
	event.events = EPOLLIN;
	return preload::real().epoll_ctl(monitor->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void disconnect(Monitor *monitor)
{
	if (monitor->connection >= 0)
		closeHidden(monitor->connection);
	monitor->connection = -1;
}

/* The next device that passes the filter, or null. A server that dies is silent. */
Device *receive(Monitor *monitor)
{
	using namespace transport;
	char packet[sizeof(ReplyHeader) + kMaxUevent];

	while (monitor->connection >= 0) {
		const ssize_t size = recv(monitor->connection, packet, sizeof(packet), MSG_DONTWAIT);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < static_cast<ssize_t>(sizeof(ReplyHeader))) {
			if (size >= 0)
				disconnect(monitor);
			return nullptr;
		}

		Device *device = newDevice(monitor->object.context, packet + sizeof(ReplyHeader),
					   size - sizeof(ReplyHeader));
		if (device && passesFilter(*monitor, device))
			return device;
		if (device)
			release(device);
	}

	return nullptr;
}

/* News of the machine's own devices, without those that are hidden. */
udev_device *receiveReal(const Monitor &monitor)
{
	udev_device *device = monitor.real && !wantsOursOnly(monitor)
				      ? realUdev().udev_monitor_receive_device(monitor.real)
				      : nullptr;
	if (!device || !isOwnedSubsystem(realUdev().udev_device_get_subsystem(device)))
		return device;

	realUdev().udev_device_unref(device);
	return nullptr;
}

void destroy(Monitor *monitor)
{
	disconnect(monitor);
	close(monitor->epoll);
	if (monitor->real)
		realUdev().udev_monitor_unref(monitor->real);
	freeEntries(&monitor->subsystems);
	free(monitor);
}

Monitor *create(struct udev *context, const char *name)
{
	auto *monitor = static_cast<Monitor *>(calloc(1, sizeof(Monitor)));
	if (!monitor)
		return nullptr;

	/* Without permission for libudev's, or without a network, ours still works. */
	monitor->object = { &monitorMagic, 1, context };
	monitor->real = realUdev().udev_monitor_new_from_netlink(context, name);
	monitor->connection = -1;
	monitor->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (monitor->epoll >= 0)
		return monitor;

	if (monitor->real)
		realUdev().udev_monitor_unref(monitor->real);
	free(monitor);
	return nullptr;
}

int enable(Monitor *monitor)
{
	if (monitor->connection >= 0)
		return 0;

	monitor->connection = client::monitor();
	if (monitor->connection < 0)
		return -ENODEV;
	int ret = watch(monitor, monitor->connection);
	if (ret || wantsOursOnly(*monitor) || !monitor->real)
		return ret;

	ret = realUdev().udev_monitor_enable_receiving(monitor->real);
	return ret < 0 ? ret : watch(monitor, realUdev().udev_monitor_get_fd(monitor->real));
}

} /* namespace */

} /* namespace fovea::preload::udev */

using namespace fovea::preload;
using namespace fovea::preload::udev;

namespace {

Monitor *ourMonitor(udev_monitor *monitor)
{
	return ours<Monitor>(monitor, monitorMagic);
}

} /* namespace */

FOVEA_EXPORT udev_monitor *udev_monitor_new_from_netlink(struct udev *context, const char *name)
{
	if (!environment().active)
		return realUdev().udev_monitor_new_from_netlink(context, name);

	return reinterpret_cast<udev_monitor *>(create(context, name));
}

FOVEA_EXPORT udev_monitor *udev_monitor_ref(udev_monitor *monitor)
{
	Monitor *our = ourMonitor(monitor);
	if (!our)
		return realUdev().udev_monitor_ref(monitor);
	our->object.references++;
	return monitor;
}

FOVEA_EXPORT udev_monitor *udev_monitor_unref(udev_monitor *monitor)
{
	Monitor *our = ourMonitor(monitor);
	if (!our)
		return realUdev().udev_monitor_unref(monitor);
	if (!--our->object.references)
		destroy(our);
	return nullptr;
}

FOVEA_EXPORT struct udev *udev_monitor_get_udev(udev_monitor *monitor)
{
	const Monitor *our = ourMonitor(monitor);
	return our ? our->object.context : realUdev().udev_monitor_get_udev(monitor);
}

FOVEA_EXPORT int udev_monitor_enable_receiving(udev_monitor *monitor)
{
	Monitor *our = ourMonitor(monitor);
	return our ? enable(our) : realUdev().udev_monitor_enable_receiving(monitor);
}

FOVEA_EXPORT int udev_monitor_get_fd(udev_monitor *monitor)
{
	const Monitor *our = ourMonitor(monitor);
	return our ? our->epoll : realUdev().udev_monitor_get_fd(monitor);
}

FOVEA_EXPORT udev_device *udev_monitor_receive_device(udev_monitor *monitor)
{
	Monitor *our = ourMonitor(monitor);
	if (!our)
		return realUdev().udev_monitor_receive_device(monitor);

	if (Device *device = receive(our))
		return reinterpret_cast<udev_device *>(device);
	udev_device *real = receiveReal(*our);
	if (!real)
		errno = EAGAIN;
	return real;
}

FOVEA_EXPORT int udev_monitor_filter_add_match_subsystem_devtype(udev_monitor *monitor,
								 const char *subsystem,
								 const char *type)
{
	Monitor *our = ourMonitor(monitor);
	if (our && subsystem)
		addEntry(&our->subsystems, subsystem, type);
	if (our && !our->real)
		return 0;
	return realUdev().udev_monitor_filter_add_match_subsystem_devtype(our ? our->real : monitor,
									  subsystem, type);
}

FOVEA_EXPORT int udev_monitor_filter_add_match_tag(udev_monitor *monitor, const char *tag)
{
	Monitor *our = ourMonitor(monitor);
	if (our)
		our->tagged = true;
	if (our && !our->real)
		return 0;
	return realUdev().udev_monitor_filter_add_match_tag(our ? our->real : monitor, tag);
}

FOVEA_EXPORT int udev_monitor_filter_remove(udev_monitor *monitor)
{
	Monitor *our = ourMonitor(monitor);
	if (our) {
		freeEntries(&our->subsystems);
		our->tagged = false;
	}
	if (our && !our->real)
		return 0;
	return realUdev().udev_monitor_filter_remove(our ? our->real : monitor);
}

#define FOVEA_UDEV_FORWARD(call, ...)                                           \
	const Monitor *our = ourMonitor(monitor);                               \
	if (our && !our->real)                                                  \
		return 0;                                                       \
	return realUdev().call(our ? our->real : monitor __VA_OPT__(,) __VA_ARGS__);

FOVEA_EXPORT int udev_monitor_filter_update(udev_monitor *monitor)
{
	FOVEA_UDEV_FORWARD(udev_monitor_filter_update)
}

FOVEA_EXPORT int udev_monitor_set_receive_buffer_size(udev_monitor *monitor, int size)
{
	FOVEA_UDEV_FORWARD(udev_monitor_set_receive_buffer_size, size)
}
