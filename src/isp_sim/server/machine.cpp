/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The hardware of a server, which can be unplugged and plugged in again
 */

#include "machine.h"

#include <algorithm>
#include <errno.h>
#include <filesystem>
#include <sstream>

#include "log.h"

namespace fovea::server {

/*
 * Unplugging takes the hardware away as the kernel's drivers do: its open files
 * are unregistered, the nodes leave /dev and /sys, and those who asked for it are
 * told by uevents. Plugging in creates it anew from the same description, with
 * nothing left of what clients had set, and takes the same steps backwards. The
 * hardware itself is destroyed between the two.
 */
Machine::Machine(v4l2::EventLoop *loop)
	: loop_(loop), ueventNumber_(0), server_(loop, {})
{
	server_.command = [this](const std::string &text, std::string *answer) {
		return control(text, answer);
	};
}

Machine::~Machine() = default;

/*
 * Create hardware by \a factory, plugged in. Returns 0, or -EINVAL with the \a
 * error of the factory.
 */
int Machine::add(Factory factory, std::string *error)
{
	std::unique_ptr<v4l2::Hardware> hardware = factory(error);
	if (!hardware)
		return -EINVAL;

	server_.addHardware(hardware.get());
	const std::string name = std::filesystem::path(hardware->sysfsPath()).filename();
	slots_.push_back({ name, std::move(factory), std::move(hardware) });
	return 0;
}

/*
 * Write the tree for the preload library to the new directory \a tree, and listen
 * at \a socket. Returns 0, or a negative error code with \a error set.
 */
int Machine::serve(const std::string &socket, const std::string &tree, std::string *error)
{
	int ret = tree_.write(tree, present(), error);
	return ret ? ret : server_.listen(socket, error);
}

std::vector<v4l2::Hardware *> Machine::present() const
{
	std::vector<v4l2::Hardware *> hardware;
	for (const Slot &slot : slots_) {
		if (slot.hardware)
			hardware.push_back(slot.hardware.get());
	}

	return hardware;
}

/* -------------------------------------------------------------------------- */

/*
 * Unplug \a name, or all hardware that is there. Returns 0, -ENODEV for a name
 * that does not exist, or -EALREADY if it is unplugged, with \a error set.
 */
int Machine::unplug(std::string_view name, std::string *error)
{
	return forEach(name, error, [&](Slot *slot) { return unplug(slot, error); });
}

/*
 * Plug \a name in again, or all hardware that is not there. Returns 0, -ENODEV
 * for a name that does not exist, -EALREADY if it is there, or -EINVAL if it
 * cannot be created any more, with \a error set.
 */
int Machine::plug(std::string_view name, std::string *error)
{
	return forEach(name, error, [&](Slot *slot) { return plug(slot, error); });
}

/* All that is meant by \a name, up to the first error. */
int Machine::forEach(std::string_view name, std::string *error,
		     const std::function<int(Slot *)> &function)
{
	bool found = name.empty();

	for (Slot &slot : slots_) {
		if (!name.empty() && slot.name != name)
			continue;

		found = true;
		int ret = function(&slot);
		if (ret && !(name.empty() && ret == -EALREADY))
			return ret;
	}

	if (found)
		return 0;

	*error = "no hardware '" + std::string(name) + "', there is:\n" + list();
	return -ENODEV;
}

int Machine::unplug(Slot *slot, std::string *error)
{
	if (!slot->hardware) {
		*error = slot->name + " is unplugged already";
		return -EALREADY;
	}

	/* Described before it goes, told of afterwards. */
	std::vector<std::string> news;
	for (const v4l2::DeviceNode *node : slot->hardware->nodes())
		news.push_back(uevent("remove", slot->hardware.get(), *node));

	slot->hardware->unregister();
	server_.removeHardware(slot->hardware.get());
	slot->hardware.reset();

	log(LogLevel::Info, slot->name + " is unplugged");
	int ret = tree_.update(present(), error);
	for (const std::string &text : news)
		server_.announce(text);

	return ret;
}

int Machine::plug(Slot *slot, std::string *error)
{
	if (slot->hardware) {
		*error = slot->name + " is plugged in already";
		return -EALREADY;
	}

	slot->hardware = slot->factory(error);
	if (!slot->hardware)
		return -EINVAL;

	log(LogLevel::Info, slot->name + " is plugged in");
	server_.addHardware(slot->hardware.get());
	int ret = tree_.update(present(), error);

	/* The media device is the first, but drivers register it when all is there. */
	std::vector<v4l2::DeviceNode *> nodes = slot->hardware->nodes();
	std::rotate(nodes.begin(), nodes.begin() + 1, nodes.end());
	for (const v4l2::DeviceNode *node : nodes)
		server_.announce(uevent("add", slot->hardware.get(), *node));

	return ret;
}

/* The kernel's message for a node that comes or goes. */
std::string Machine::uevent(const char *action, v4l2::Hardware *hardware,
			    const v4l2::DeviceNode &node)
{
	const std::string path = "/" + SysfsTree::devicePath(hardware, node);
	std::string text = std::string(action) + "@" + path;
	text += '\0';

	for (const std::string &entry : {
		     std::string("ACTION=") + action,
		     "DEVPATH=" + path,
		     "SUBSYSTEM=" + node.subsystem(),
		     "MAJOR=" + std::to_string(node.major()),
		     "MINOR=" + std::to_string(node.minor()),
		     "DEVNAME=" + node.name(),
		     "SEQNUM=" + std::to_string(++ueventNumber_),
	     }) {
		text += entry;
		text += '\0';
	}

	return text;
}

/* -------------------------------------------------------------------------- */

std::string Machine::list() const
{
	std::string text;
	for (const Slot &slot : slots_)
		text += "  " + slot.name + (slot.hardware ? "\n" : "  (unplugged)\n");

	return text;
}

/* "list", "unplug [NAME]", "plug [NAME]". */
int Machine::control(const std::string &command, std::string *answer)
{
	std::istringstream words(command);
	std::string verb;
	std::string name;
	words >> verb >> name;

	if (verb == "list") {
		*answer = list();
		return 0;
	}
	if (verb == "unplug")
		return unplug(name, answer);
	if (verb == "plug")
		return plug(name, answer);

	*answer = "unknown command '" + verb + "', expected list, unplug or plug";
	return -EINVAL;
}

} /* namespace fovea::server */
