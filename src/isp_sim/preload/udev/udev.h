/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The virtual hardware in libudev: what its functions share
 */

#pragma once

#include <libudev.h>

namespace fovea::preload::udev {

/* Every function of libudev that hands out or takes an object that may be ours. */
#define FOVEA_UDEV_WRAPPED(X)                                                   \
	X(udev_ref) X(udev_unref)                                               \
	X(udev_list_entry_get_next) X(udev_list_entry_get_by_name)              \
	X(udev_list_entry_get_name) X(udev_list_entry_get_value)                \
	X(udev_device_ref) X(udev_device_unref) X(udev_device_get_udev)         \
	X(udev_device_new_from_syspath) X(udev_device_new_from_devnum)          \
	X(udev_device_new_from_subsystem_sysname)                               \
	X(udev_device_new_from_device_id)                                       \
	X(udev_device_get_parent)                                               \
	X(udev_device_get_parent_with_subsystem_devtype)                        \
	X(udev_device_get_devpath) X(udev_device_get_subsystem)                 \
	X(udev_device_get_devtype) X(udev_device_get_syspath)                   \
	X(udev_device_get_sysname) X(udev_device_get_sysnum)                    \
	X(udev_device_get_devnode) X(udev_device_get_is_initialized)            \
	X(udev_device_get_devlinks_list_entry)                                  \
	X(udev_device_get_properties_list_entry)                                \
	X(udev_device_get_tags_list_entry)                                      \
	X(udev_device_get_current_tags_list_entry)                              \
	X(udev_device_get_sysattr_list_entry)                                   \
	X(udev_device_get_property_value) X(udev_device_get_driver)             \
	X(udev_device_get_devnum) X(udev_device_get_action)                     \
	X(udev_device_get_seqnum) X(udev_device_get_usec_since_initialized)     \
	X(udev_device_get_sysattr_value) X(udev_device_set_sysattr_value)       \
	X(udev_device_has_tag) X(udev_device_has_current_tag)                   \
	X(udev_monitor_ref) X(udev_monitor_unref) X(udev_monitor_get_udev)      \
	X(udev_monitor_new_from_netlink) X(udev_monitor_enable_receiving)       \
	X(udev_monitor_set_receive_buffer_size) X(udev_monitor_get_fd)          \
	X(udev_monitor_receive_device)                                          \
	X(udev_monitor_filter_add_match_subsystem_devtype)                      \
	X(udev_monitor_filter_add_match_tag)                                    \
	X(udev_monitor_filter_update) X(udev_monitor_filter_remove)             \
	X(udev_enumerate_ref) X(udev_enumerate_unref)                           \
	X(udev_enumerate_get_udev) X(udev_enumerate_new)                        \
	X(udev_enumerate_add_match_subsystem)                                   \
	X(udev_enumerate_add_nomatch_subsystem)                                 \
	X(udev_enumerate_add_match_sysattr)                                     \
	X(udev_enumerate_add_nomatch_sysattr)                                   \
	X(udev_enumerate_add_match_property)                                    \
	X(udev_enumerate_add_match_sysname) X(udev_enumerate_add_match_tag)     \
	X(udev_enumerate_add_match_parent)                                      \
	X(udev_enumerate_add_match_is_initialized)                              \
	X(udev_enumerate_add_syspath) X(udev_enumerate_scan_devices)            \
	X(udev_enumerate_scan_subsystems) X(udev_enumerate_get_list_entry)

struct RealUdev {
#define FOVEA_MEMBER(name) decltype(&::name) name;
	FOVEA_UDEV_WRAPPED(FOVEA_MEMBER)
#undef FOVEA_MEMBER
};

/* The library's own functions; a member is null in processes without it. */
const RealUdev &realUdev();

/*
 * Objects of ours begin with the address of a variable of this library, which no
 * object of libudev's can hold: those begin with a pointer to another object.
 */
struct Object {
	const void *magic;
	int references;
	struct udev *context;
};

/* An entry of a list: a path, or a property with its value. */
struct Entry {
	const void *magic;
	char *name;
	char *value;
	Entry *next;
};

extern const char entryMagic;
extern const char deviceMagic;
extern const char enumerateMagic;
extern const char monitorMagic;

/* The object behind libudev's opaque pointer if it is ours, or null. */
template<typename T, typename Opaque>
T *ours(Opaque *object, const char &magic)
{
	T *candidate = reinterpret_cast<T *>(object);
	return candidate && *reinterpret_cast<const void *const *>(candidate) == &magic ? candidate
											 : nullptr;
}

/* Add to a list in the order of names; one of the same name is replaced. */
void addEntry(Entry **list, const char *name, const char *value);
void freeEntries(Entry **list);
const Entry *findEntry(const Entry *list, const char *name);
const char *valueOf(const Entry *list, const char *name);

inline udev_list_entry *opaque(Entry *entry)
{
	return reinterpret_cast<udev_list_entry *>(entry);
}

/* A device of the virtual hardware. */
struct Device {
	Object object;
	char *syspath;
	Entry *properties;
	Entry *attributes;	/* values that were asked for */
	Device *parent;
	char *driver;
};

/*
 * The device at \a syspath, which may lead over links, if it belongs to the
 * virtual hardware; null otherwise.
 */
Device *newDevice(struct udev *context, const char *syspath);

/* The device that a message of the server is about, or null for a malformed one. */
Device *newDevice(struct udev *context, const char *uevent, size_t size);

void release(Device *device);
const char *subsystemOf(const Device *device);
const char *attributeOf(Device *device, const char *name);

/* Does the virtual hardware stand for the machine's own devices of \a subsystem? */
bool isOwnedSubsystem(const char *subsystem);

} /* namespace fovea::preload::udev */
