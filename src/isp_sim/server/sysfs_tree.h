/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The nodes' entries in /sys and /dev, as files for the preload library
 */

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/v4l2/file.h"

namespace fovea::server {

class SysfsTree
{
public:
	~SysfsTree();

	int write(const std::string &directory, const std::vector<v4l2::Hardware *> &hardware,
		  std::string *error);
	int update(const std::vector<v4l2::Hardware *> &hardware, std::string *error);

	/* The path of the node's device below /sys. */
	static std::string devicePath(v4l2::Hardware *hardware, const v4l2::DeviceNode &node);

private:
	using Path = std::filesystem::path;

	void writeHardware(v4l2::Hardware *hardware);
	void writeParent(const Path &device, v4l2::Hardware *hardware);
	void writeSensorDevice(const Path &device, std::string_view label);
	void writeNode(v4l2::Hardware *hardware, v4l2::DeviceNode *node);
	void writeDevDirectory(const std::vector<v4l2::Hardware *> &hardware);
	static Path parentOf(v4l2::Hardware *hardware, const v4l2::DeviceNode &node);

	void makeDirectory(const Path &path);
	void writeFile(const Path &path, const std::string &text);
	void link(const Path &path, const Path &target);

	void replace(const char *name);

	Path directory_;
	Path root_;		/* what is being written, in directory_ */
	bool created_ = false;
	int result_ = 0;
	std::string error_;
};

} /* namespace fovea::server */
