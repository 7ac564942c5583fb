/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * libudev: devices
 */

#include "udev.h"

#include <ctype.h>
#include <errno.h>
#include <initializer_list>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "../environment.h"
#include "../paths.h"
#include "../real.h"
#include "../wrap.h"

namespace fovea::preload::udev {

const char deviceMagic = 'd';

namespace {

/* Attributes of /sys are a page at most. */
constexpr size_t kMaxAttribute = 4096;

/* Where the server keeps what is at \a path, relative to \a syspath, in /sys. */
bool treePath(const char *syspath, const char *path, char (&out)[PATH_MAX])
{
	const int length = snprintf(out, sizeof(out), "%s%s%s%s", environment().tree, syspath,
				    *path ? "/" : "", path);
	return length > 0 && static_cast<size_t>(length) < sizeof(out);
}

/* The text of a file in the server's tree; its length, or -1. */
ssize_t readFile(const char *path, char (&text)[kMaxAttribute])
{
	const int fd = preload::real().open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	const ssize_t size = preload::real().read(fd, text, sizeof(text) - 1);
	preload::real().close(fd);
	text[size > 0 ? size : 0] = '\0';
	return size;
}

/* The last part of what the link at \a path leads to, for the caller to free. */
char *linkName(const char *syspath, const char *name)
{
	char path[PATH_MAX];
	char target[PATH_MAX];
	const ssize_t length = treePath(syspath, name, path)
				     ? preload::real().readlink(path, target, sizeof(target) - 1)
				     : -1;
	if (length <= 0)
		return nullptr;

	target[length] = '\0';
	const char *last = strrchr(target, '/');
	return strdup(last ? last + 1 : target);
}

/* A property as the kernel says it; names of nodes get their directory. */
void addProperty(Device *device, char *text)
{
	char *value = strchr(text, '=');
	if (!value || value == text)
		return;
	*value++ = '\0';

	char node[PATH_MAX];
	if (!strcmp(text, "DEVNAME") && *value != '/') {
		snprintf(node, sizeof(node), "/dev/%.200s", value);
		value = node;
	}
	addEntry(&device->properties, text, value);
}

Device *allocate(struct udev *context, const char *syspath)
{
	auto *device = static_cast<Device *>(calloc(1, sizeof(Device)));
	char *copy = strdup(syspath);
	if (!device || !copy) {
		free(device);
		free(copy);
		return nullptr;
	}

	device->object = { &deviceMagic, 1, context };
	device->syspath = copy;
	if (realUdev().udev_ref && context)
		realUdev().udev_ref(context);
	return device;
}

/* The device at a path without links. */
Device *readDevice(struct udev *context, const char *syspath)
{
	char path[PATH_MAX];
	char text[kMaxAttribute];
	if (strncmp(syspath, "/sys/devices/", 13) || !treePath(syspath, "uevent", path) ||
	    readFile(path, text) < 0)
		return nullptr;

	Device *device = allocate(context, syspath);
	if (!device)
		return nullptr;

	char *rest = nullptr;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(nullptr, "\n", &rest))
		addProperty(device, line);
	addEntry(&device->properties, "DEVPATH", syspath + strlen("/sys"));

	char *subsystem = linkName(syspath, "subsystem");
	if (subsystem)
		addEntry(&device->properties, "SUBSYSTEM", subsystem);
	free(subsystem);
	device->driver = linkName(syspath, "driver");
	return device;
}

} /* namespace */

Device *newDevice(struct udev *context, const char *syspath)
{
	if (!environment().active || strncmp(syspath, "/sys/", 5))
		return nullptr;

	char path[PATH_MAX];
	char resolved[PATH_MAX];
	if (!treePath(syspath, "", path) || !preload::real().realpath(path, resolved))
		return nullptr;
	mapBack(resolved);
	return readDevice(context, resolved);
}

/* The first text is for people, the others are the properties. */
Device *newDevice(struct udev *context, const char *uevent, size_t size)
{
	if (!size || uevent[size - 1])
		return nullptr;

	char syspath[PATH_MAX];
	const char *path = strchr(uevent, '@');
	if (!path || snprintf(syspath, sizeof(syspath), "/sys%s", path + 1) >= PATH_MAX)
		return nullptr;

	Device *device = allocate(context, syspath);
	if (!device)
		return nullptr;

	const char *end = uevent + size;
	for (const char *entry = uevent + strlen(uevent) + 1; entry < end; entry += strlen(entry) + 1) {
		char *copy = strdup(entry);
		if (copy)
			addProperty(device, copy);
		free(copy);
	}
	return device;
}

void release(Device *device)
{
	if (__atomic_sub_fetch(&device->object.references, 1, __ATOMIC_ACQ_REL))
		return;

	if (device->parent)
		release(device->parent);
	if (realUdev().udev_unref && device->object.context)
		realUdev().udev_unref(device->object.context);
	freeEntries(&device->properties);
	freeEntries(&device->attributes);
	free(device->driver);
	free(device->syspath);
	free(device);
}

const char *subsystemOf(const Device *device)
{
	return valueOf(device->properties, "SUBSYSTEM");
}

/* Values stay valid as long as the device. Some links count as attributes. */
const char *attributeOf(Device *device, const char *name)
{
	if (strstr(name, ".."))
		return nullptr;
	if (const Entry *known = findEntry(device->attributes, name))
		return known->value;

	if (!strcmp(name, "driver") || !strcmp(name, "subsystem")) {
		char *target = linkName(device->syspath, name);
		addEntry(&device->attributes, name, target);
		free(target);
		return valueOf(device->attributes, name);
	}

	char path[PATH_MAX];
	char text[kMaxAttribute];
	ssize_t size = treePath(device->syspath, name, path) ? readFile(path, text) : -1;
	if (size < 0)
		return nullptr;
	while (size && text[size - 1] == '\n')
		text[--size] = '\0';
	addEntry(&device->attributes, name, text);
	return valueOf(device->attributes, name);
}

bool isOwnedSubsystem(const char *subsystem)
{
	return subsystem && (!strcmp(subsystem, "media") || !strcmp(subsystem, "video4linux"));
}

} /* namespace fovea::preload::udev */

using namespace fovea::preload;
using namespace fovea::preload::udev;

namespace {

Device *ourDevice(udev_device *device)
{
	return ours<Device>(device, deviceMagic);
}

udev_device *opaque(Device *device)
{
	return reinterpret_cast<udev_device *>(device);
}

/* What the virtual hardware does not have, the machine may. */
template<typename Function>
udev_device *orReal(Device *device, Function function)
{
	return device ? opaque(device) : function();
}

const char *nameOf(const Device *device)
{
	return strrchr(device->syspath, '/') + 1;
}

const char *numberOf(const Device *device)
{
	const char *end = device->syspath + strlen(device->syspath);
	const char *digits = end;
	while (isdigit(static_cast<unsigned char>(digits[-1])))
		digits--;
	return digits == end ? nullptr : digits;
}

dev_t deviceNumberOf(const Device *device)
{
	const char *majorText = valueOf(device->properties, "MAJOR");
	const char *minorText = valueOf(device->properties, "MINOR");
	return majorText && minorText ? makedev(atoi(majorText), atoi(minorText)) : 0;
}

/* The nearest directory above that is a device; it lives as long as its child. */
Device *parentOf(Device *device)
{
	if (device->parent)
		return device->parent;

	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s", device->syspath);
	for (char *end; !device->parent && (end = strrchr(path, '/')) && end != path;) {
		*end = '\0';
		device->parent = newDevice(device->object.context, path);
	}
	return device->parent;
}

bool is(const char *value, const char *wanted)
{
	return !wanted || (value && !strcmp(value, wanted));
}

Device *findBySysname(struct udev *context, const char *subsystem, const char *name)
{
	for (const char *format : { "/sys/class/%s/%s", "/sys/bus/%s/devices/%s" }) {
		char path[PATH_MAX];
		if (!subsystem || !name || strchr(name, '/') ||
		    snprintf(path, sizeof(path), format, subsystem, name) >= PATH_MAX)
			continue;
		if (Device *device = newDevice(context, path))
			return device;
	}
	return nullptr;
}

Device *findByNumber(struct udev *context, char type, dev_t number)
{
	char path[64];
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major(number), minor(number));
	return type == 'c' ? newDevice(context, path) : nullptr;
}

} /* namespace */

#define FOVEA_UDEV_GETTER(type, name, value)                                    \
	FOVEA_EXPORT type name(udev_device *device)                             \
	{                                                                       \
		Device *our = ourDevice(device);                                \
		return our ? (value) : realUdev().name(device);                 \
	}

#define FOVEA_UDEV_GETTER_1(type, name, Argument, value)                        \
	FOVEA_EXPORT type name(udev_device *device, Argument arg)               \
	{                                                                       \
		Device *our = ourDevice(device);                                \
		return our ? (value) : realUdev().name(device, arg);            \
	}

#define FOVEA_UDEV_PROPERTY(name, key) \
	FOVEA_UDEV_GETTER(const char *, name, valueOf(our->properties, key))

FOVEA_UDEV_PROPERTY(udev_device_get_devpath, "DEVPATH")
FOVEA_UDEV_PROPERTY(udev_device_get_subsystem, "SUBSYSTEM")
FOVEA_UDEV_PROPERTY(udev_device_get_devtype, "DEVTYPE")
FOVEA_UDEV_PROPERTY(udev_device_get_devnode, "DEVNAME")
FOVEA_UDEV_PROPERTY(udev_device_get_action, "ACTION")

FOVEA_UDEV_GETTER(struct udev *, udev_device_get_udev, our->object.context)
FOVEA_UDEV_GETTER(const char *, udev_device_get_syspath, our->syspath)
FOVEA_UDEV_GETTER(const char *, udev_device_get_sysname, nameOf(our))
FOVEA_UDEV_GETTER(const char *, udev_device_get_sysnum, numberOf(our))
FOVEA_UDEV_GETTER(const char *, udev_device_get_driver, our->driver)
FOVEA_UDEV_GETTER(int, udev_device_get_is_initialized, 1)
FOVEA_UDEV_GETTER(dev_t, udev_device_get_devnum, deviceNumberOf(our))
FOVEA_UDEV_GETTER(unsigned long long, udev_device_get_usec_since_initialized, 0)
FOVEA_UDEV_GETTER(udev_list_entry *, udev_device_get_properties_list_entry, opaque(our->properties))
FOVEA_UDEV_GETTER(udev_list_entry *, udev_device_get_sysattr_list_entry, opaque(our->attributes))
FOVEA_UDEV_GETTER(udev_list_entry *, udev_device_get_devlinks_list_entry, nullptr)
FOVEA_UDEV_GETTER(udev_list_entry *, udev_device_get_tags_list_entry, nullptr)
FOVEA_UDEV_GETTER(udev_list_entry *, udev_device_get_current_tags_list_entry, nullptr)
FOVEA_UDEV_GETTER(udev_device *, udev_device_get_parent, opaque(parentOf(our)))

FOVEA_UDEV_GETTER_1(const char *, udev_device_get_property_value, const char *, valueOf(our->properties, arg))
FOVEA_UDEV_GETTER_1(const char *, udev_device_get_sysattr_value, const char *, attributeOf(our, arg))
FOVEA_UDEV_GETTER_1(int, udev_device_has_tag, const char *, 0)
FOVEA_UDEV_GETTER_1(int, udev_device_has_current_tag, const char *, 0)

FOVEA_EXPORT unsigned long long udev_device_get_seqnum(udev_device *device)
{
	const Device *our = ourDevice(device);
	const char *text = our ? valueOf(our->properties, "SEQNUM") : nullptr;
	if (!our)
		return realUdev().udev_device_get_seqnum(device);
	return text ? strtoull(text, nullptr, 10) : 0;
}

FOVEA_EXPORT int udev_device_set_sysattr_value(udev_device *device, const char *name, const char *value)
{
	return ourDevice(device) ? -EACCES
				 : realUdev().udev_device_set_sysattr_value(device, name, value);
}

FOVEA_EXPORT udev_device *udev_device_ref(udev_device *device)
{
	Device *our = ourDevice(device);
	if (!our)
		return realUdev().udev_device_ref(device);
	__atomic_add_fetch(&our->object.references, 1, __ATOMIC_RELAXED);
	return device;
}

FOVEA_EXPORT udev_device *udev_device_unref(udev_device *device)
{
	Device *our = ourDevice(device);
	if (!our)
		return realUdev().udev_device_unref(device);
	release(our);
	return nullptr;
}

FOVEA_EXPORT udev_device *udev_device_get_parent_with_subsystem_devtype(udev_device *device,
									const char *subsystem,
									const char *devtype)
{
	Device *our = ourDevice(device);
	if (!our)
		return realUdev().udev_device_get_parent_with_subsystem_devtype(device, subsystem, devtype);

	while ((our = parentOf(our))) {
		if (is(subsystemOf(our), subsystem) && is(valueOf(our->properties, "DEVTYPE"), devtype))
			return opaque(our);
	}
	errno = ENOENT;
	return nullptr;
}

FOVEA_EXPORT udev_device *udev_device_new_from_syspath(struct udev *context, const char *syspath)
{
	return orReal(newDevice(context, syspath), [=]() {
		return realUdev().udev_device_new_from_syspath(context, syspath);
	});
}

FOVEA_EXPORT udev_device *udev_device_new_from_devnum(struct udev *context, char type, dev_t number)
{
	return orReal(findByNumber(context, type, number), [=]() {
		return realUdev().udev_device_new_from_devnum(context, type, number);
	});
}

FOVEA_EXPORT udev_device *udev_device_new_from_subsystem_sysname(struct udev *context,
								 const char *subsystem,
								 const char *name)
{
	return orReal(findBySysname(context, subsystem, name), [=]() {
		return realUdev().udev_device_new_from_subsystem_sysname(context, subsystem, name);
	});
}

/* "c81:0" names a node; other identifiers are those of network interfaces, ... */
FOVEA_EXPORT udev_device *udev_device_new_from_device_id(struct udev *context, const char *id)
{
	unsigned int number[2];
	const bool node = id && sscanf(id, "c%u:%u", &number[0], &number[1]) == 2;

	return orReal(node ? findByNumber(context, 'c', makedev(number[0], number[1])) : nullptr, [=]() {
		return realUdev().udev_device_new_from_device_id(context, id);
	});
}
