/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The hardware of a server, which can be unplugged and plugged in again
 */

#pragma once

#include <functional>
#include <memory>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"

#include "server.h"
#include "sysfs_tree.h"

namespace fovea::server {

class Machine
{
public:
	/* Creates hardware in its initial state; null with \a error set. */
	using Factory = std::function<std::unique_ptr<v4l2::Hardware>(std::string *error)>;

	explicit Machine(v4l2::EventLoop *loop);
	~Machine();

	int add(Factory factory, std::string *error);
	int serve(const std::string &socket, const std::string &tree, std::string *error);

	/* \a name is the last part of the path in sysfs; empty: all hardware. */
	int unplug(std::string_view name, std::string *error);
	int plug(std::string_view name, std::string *error);

	Server &server() { return server_; }

private:
	struct Slot {
		std::string name;
		Factory factory;
		std::unique_ptr<v4l2::Hardware> hardware;
	};

	int control(const std::string &command, std::string *answer);
	std::string list() const;
	int forEach(std::string_view name, std::string *error,
		    const std::function<int(Slot *)> &function);
	int unplug(Slot *slot, std::string *error);
	int plug(Slot *slot, std::string *error);
	std::vector<v4l2::Hardware *> present() const;
	std::string uevent(const char *action, v4l2::Hardware *hardware,
			   const v4l2::DeviceNode &node);

	v4l2::EventLoop *loop_;
	uint64_t ueventNumber_;

	/* Destroyed in the reverse order: files close before their device goes. */
	std::vector<Slot> slots_;
	SysfsTree tree_;
	Server server_;
};

} /* namespace fovea::server */
