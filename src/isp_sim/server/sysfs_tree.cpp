/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The nodes' entries in /sys and /dev, as files for the preload library
 */

#include "sysfs_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fstream>
#include <regex>
#include <set>
#include <stdio.h>

#include "log.h"

namespace fovea::server {

namespace fs = std::filesystem;

namespace {

/* "imx219 0-0010": a sub-device on bus 0 at address 0x10, as I2C drivers name it. */
const std::regex &i2cLabel()
{
	static const std::regex regex("([A-Za-z0-9_,-]+) ([0-9]+)-([0-9a-f]{4})");
	return regex;
}

/* Does /dev/\a name belong to the media subsystem of the real machine? */
bool isMediaNode(const std::string &name)
{
	static const std::regex regex("(video|media|v4l-subdev|v4l-touch|vbi|radio|swradio)[0-9]+|v4l");
	return std::regex_match(name, regex);
}

} /* namespace */

/* Remove what write() has created. */
SysfsTree::~SysfsTree()
{
	std::error_code ec;
	if (created_)
		fs::remove_all(directory_, ec);
}

/*
 * Create \a directory, which must not exist or be empty, with
 *
 *   sys/    the files and links of /sys that applications look for,
 *   dev/    what a listing of /dev shows: the machine's own entries, with the
 *           nodes of the virtual hardware in the place of its video devices,
 *   nodes/  a file for each node, which holds its device number,
 *   locks/  a file for each node, on which file locks are taken in its stead. It
 *           is another one because closing any descriptor drops POSIX locks.
 *
 * All links are relative and stay inside, so that the preload library has to
 * replace nothing but a prefix.
 *
 * Returns 0, or a negative error code and the \a error in words.
 */
int SysfsTree::write(const std::string &directory,
		     const std::vector<v4l2::Hardware *> &hardware, std::string *error)
{
	std::error_code ec;
	directory_ = directory;

	if (fs::exists(directory_, ec) && !fs::is_empty(directory_, ec)) {
		*error = directory + " is not an empty directory; give a new name, or remove it";
		return -EEXIST;
	}

	result_ = 0;
	makeDirectory(directory_);
	created_ = !result_;

	return update(hardware, error);
}

/*
 * Show \a hardware instead of what was there. The new tree is written beside the
 * old one and takes its place by an exchange of names: at no time does anybody
 * see a part of it.
 *
 * Returns 0, or a negative error code and the \a error in words.
 */
int SysfsTree::update(const std::vector<v4l2::Hardware *> &hardware, std::string *error)
{
	std::error_code ec;

	result_ = 0;
	root_ = directory_ / "next";
	fs::remove_all(root_, ec);

	makeDirectory(root_ / "nodes");
	makeDirectory(root_ / "locks");
	for (const char *directory : { "bus/media/devices", "class/video4linux", "dev/char" })
		makeDirectory(root_ / "sys" / directory);
	for (v4l2::Hardware *device : hardware)
		writeHardware(device);
	writeDevDirectory(hardware);

	for (const char *name : { "locks", "sys", "nodes", "dev" })
		replace(name);
	fs::remove_all(root_, ec);

	*error = error_;
	return result_;
}

/* Put root_ / \a name into its place. */
void SysfsTree::replace(const char *name)
{
	const Path fresh = root_ / name;
	const Path place = directory_ / name;
	if (result_)
		return;

	if (!renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE))
		return;

	/* There is nothing yet, or a file system that cannot exchange. */
	std::error_code ec;
	fs::remove_all(place, ec);
	fs::rename(fresh, place, ec);
	if (ec) {
		result_ = -ec.value();
		error_ = errorText(place.string(), ec.value());
	}
}

void SysfsTree::writeHardware(v4l2::Hardware *hardware)
{
	writeParent(Path("devices") / hardware->sysfsPath(), hardware);
	for (v4l2::DeviceNode *node : hardware->nodes())
		writeNode(hardware, node);
}

/* The platform device that all nodes hang from. */
void SysfsTree::writeParent(const Path &device, v4l2::Hardware *hardware)
{
	const Path driver = Path("bus/platform/drivers") / hardware->driver();
	const std::string modalias = "platform:" + hardware->driver();

	makeDirectory(root_ / "sys" / driver);
	writeFile(root_ / "sys" / device / "modalias", modalias + "\n");
	writeFile(root_ / "sys" / device / "uevent",
		  "DRIVER=" + hardware->driver() + "\nMODALIAS=" + modalias + "\n");
	link(device / "driver", driver);
	link(device / "subsystem", "bus/platform");
	link(Path("bus/platform/devices") / device.filename(), device);
}

/*
 * A sensor is an I2C device below the platform device, with a node in the
 * device tree: libcamera makes the camera's identifier of its path.
 */
void SysfsTree::writeSensorDevice(const Path &device, std::string_view label)
{
	std::match_results<std::string_view::const_iterator> match;
	std::regex_match(label.begin(), label.end(), match, i2cLabel());
	const std::string model = match[1];
	const std::string bus = match[2];
	const unsigned long address = std::stoul(match[3], nullptr, 16);

	char unit[32];
	snprintf(unit, sizeof(unit), "@%lx", address);
	const Path node = Path("firmware/devicetree/base/soc/i2c" + bus) / (model + unit);

	writeFile(root_ / "sys" / node / "name", model);
	writeFile(root_ / "sys" / device / "name", model + "\n");
	writeFile(root_ / "sys" / device / "uevent", "OF_NAME=" + model + "\n");
	link(device / "of_node", node);
}

/* The device that \a node belongs to, below sys/. */
SysfsTree::Path SysfsTree::parentOf(v4l2::Hardware *hardware, const v4l2::DeviceNode &node)
{
	const Path device = Path("devices") / hardware->sysfsPath();
	const std::string label = node.label();
	std::smatch match;

	if (!std::regex_match(label, match, i2cLabel()))
		return device;

	return device / ("i2c-" + match[2].str()) / (match[2].str() + "-" + match[3].str());
}

/* The media subsystem is a bus, video4linux is a class. */
std::string SysfsTree::devicePath(v4l2::Hardware *hardware, const v4l2::DeviceNode &node)
{
	const Path parent = parentOf(hardware, node);
	return node.subsystem() == "media" ? parent / node.name()
					   : parent / node.subsystem() / node.name();
}

void SysfsTree::writeNode(v4l2::Hardware *hardware, v4l2::DeviceNode *node)
{
	const Path parent = parentOf(hardware, *node);
	if (parent != Path("devices") / hardware->sysfsPath())
		writeSensorDevice(parent, node->label());

	const bool media = node->subsystem() == "media";
	const Path device = devicePath(hardware, *node);
	const std::string number = std::to_string(node->major()) + ":" + std::to_string(node->minor());

	writeFile(root_ / "sys" / device / "dev", number + "\n");
	writeFile(root_ / "sys" / device / (media ? "model" : "name"), node->label() + "\n");
	writeFile(root_ / "sys" / device / "uevent",
		  "MAJOR=" + std::to_string(node->major()) +
			  "\nMINOR=" + std::to_string(node->minor()) +
			  "\nDEVNAME=" + node->name() + "\n");
	link(device / "device", parent);
	link(device / "subsystem", media ? Path("bus/media") : Path("class") / node->subsystem());

	link(Path("dev/char") / number, device);
	if (media)
		link(Path("bus/media/devices") / node->name(), device);
	else
		link(Path("class") / node->subsystem() / node->name(), device);

	writeFile(root_ / "nodes" / node->name(), number + "\n");
	writeFile(root_ / "locks" / node->name(), "");
}

void SysfsTree::writeDevDirectory(const std::vector<v4l2::Hardware *> &hardware)
{
	std::error_code ec;
	std::set<std::string> virtualNodes;

	makeDirectory(root_ / "dev");
	for (v4l2::Hardware *device : hardware) {
		for (v4l2::DeviceNode *node : device->nodes()) {
			virtualNodes.insert(node->name());
			writeFile(root_ / "dev" / node->name(), "");
		}
	}

	for (fs::directory_iterator it("/dev", ec), end; !ec && it != end; it.increment(ec)) {
		const std::string name = it->path().filename();
		if (isMediaNode(name) || virtualNodes.contains(name))
			continue;
		fs::create_symlink(it->path(), root_ / "dev" / name, ec);
	}
}

void SysfsTree::makeDirectory(const Path &path)
{
	std::error_code ec;
	if (result_ || fs::create_directories(path, ec) || !ec)
		return;

	result_ = -ec.value();
	error_ = errorText(path.string(), ec.value());
}

void SysfsTree::writeFile(const Path &path, const std::string &text)
{
	makeDirectory(path.parent_path());
	if (result_)
		return;

	std::ofstream file(path, std::ios::binary);
	file << text;
	file.close();
	if (file)
		return;

	result_ = -EIO;
	error_ = path.string() + ": cannot be written; is the disk full?";
}

/* A relative link at \a path to \a target, both relative to sys/. */
void SysfsTree::link(const Path &path, const Path &target)
{
	makeDirectory((root_ / "sys" / path).parent_path());
	makeDirectory(root_ / "sys" / target);
	if (result_)
		return;

	std::error_code ec;
	fs::create_symlink(target.lexically_relative(path.parent_path()),
			   root_ / "sys" / path, ec);
	if (ec) {
		result_ = -ec.value();
		error_ = errorText((root_ / "sys" / path).string(), ec.value());
	}
}

} /* namespace fovea::server */
