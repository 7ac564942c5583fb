/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * libudev: enumeration
 *
 * Each enumeration of the application is one of ours with one of libudev's
 * inside. Its list has the machine's devices, without those that the virtual
 * hardware stands for, and the virtual ones that match.
 */

#include <errno.h>
#include <fnmatch.h>
#include <initializer_list>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "../paths.h"
#include "../real.h"
#include "../wrap.h"

#include "udev.h"

namespace fovea::preload::udev {

const char enumerateMagic = 'n';

namespace {

/* Patterns, as in libudev: of those of one kind any has to match, or each. */
struct Matches {
	Entry *subsystems;
	Entry *notSubsystems;
	Entry *attributes;
	Entry *notAttributes;
	Entry *properties;
	Entry *names;
	Entry *tags;
	char *parent;
};

struct Enumerate {
	Object object;
	udev_enumerate *real;
	Matches matches;
	Entry *list;
};

bool matchesAny(const Entry *patterns, const char *text)
{
	for (; patterns; patterns = patterns->next) {
		if (!fnmatch(patterns->name, text ? text : "", 0))
			return true;
	}
	return false;
}

/* A pattern without a value asks whether there is one. */
bool matchesValue(const Entry &pattern, const char *value)
{
	return value && (!pattern.value || !fnmatch(pattern.value, value, 0));
}

bool matchesAttributes(const Matches &matches, Device *device)
{
	for (const Entry *entry = matches.attributes; entry; entry = entry->next) {
		if (!matchesValue(*entry, attributeOf(device, entry->name)))
			return false;
	}
	for (const Entry *entry = matches.notAttributes; entry; entry = entry->next) {
		if (matchesValue(*entry, attributeOf(device, entry->name)))
			return false;
	}
	return true;
}

bool matchesProperties(const Matches &matches, const Device *device)
{
	for (const Entry *entry = matches.properties; entry; entry = entry->next) {
		if (matchesValue(*entry, valueOf(device->properties, entry->name)))
			return true;
	}
	return !matches.properties;
}

bool matchesDevice(const Matches &matches, Device *device)
{
	const char *subsystem = subsystemOf(device);
	const char *name = strrchr(device->syspath, '/') + 1;

	return (!matches.subsystems || matchesAny(matches.subsystems, subsystem)) &&
	       !matchesAny(matches.notSubsystems, subsystem) &&
	       (!matches.names || matchesAny(matches.names, name)) && !matches.tags &&
	       (!matches.parent || !strncmp(device->syspath, matches.parent, strlen(matches.parent))) &&
	       matchesAttributes(matches, device) && matchesProperties(matches, device);
}

/* The server's stand-in for \a directory. */
DIR *openInTree(const char *directory)
{
	char path[2 * PATH_MAX];
	snprintf(path, sizeof(path), "%s%s", environment().tree, directory);
	return preload::real().opendir(path);
}

/* Add the virtual devices that the links in \a directory lead to. */
void scanDirectory(Enumerate *enumerate, const char *directory)
{
	char path[PATH_MAX];
	DIR *dir = openInTree(directory);

	while (const dirent *entry = dir ? readdir(dir) : nullptr) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >= PATH_MAX)
			continue;

		Device *device = newDevice(enumerate->object.context, path);
		if (!device)
			continue;
		if (matchesDevice(enumerate->matches, device))
			addEntry(&enumerate->list, device->syspath, nullptr);
		release(device);
	}

	if (dir)
		closedir(dir);
}

/* All classes, or all buses, whose devices lie in \a inner of their directory. */
void scanKind(Enumerate *enumerate, const char *kind, const char *inner)
{
	char path[PATH_MAX];
	DIR *dir = openInTree(kind);

	while (const dirent *entry = dir ? readdir(dir) : nullptr) {
		if (entry->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s%s", kind, entry->d_name, inner) < PATH_MAX)
			scanDirectory(enumerate, path);
	}

	if (dir)
		closedir(dir);
}

/* The machine's devices that are not hidden by the virtual hardware. */
void addReal(Enumerate *enumerate)
{
	udev_list_entry *entry = realUdev().udev_enumerate_get_list_entry(enumerate->real);

	for (; entry; entry = realUdev().udev_list_entry_get_next(entry)) {
		const char *path = realUdev().udev_list_entry_get_name(entry);
		const char *name = strrchr(path, '/');
		if (!strstr(path, "/video4linux/") && !(name && !strncmp(name, "/media", 6)))
			addEntry(&enumerate->list, path, nullptr);
	}
}

/* Is nothing asked for but what the virtual hardware stands for? */
bool wantsOursOnly(const Matches &matches)
{
	for (const Entry *entry = matches.subsystems; entry; entry = entry->next) {
		if (!isOwnedSubsystem(entry->name))
			return false;
	}
	return matches.subsystems;
}

void destroy(Enumerate *enumerate)
{
	Matches &matches = enumerate->matches;

	for (Entry **list : { &matches.subsystems, &matches.notSubsystems, &matches.attributes,
			      &matches.notAttributes, &matches.properties, &matches.names,
			      &matches.tags, &enumerate->list })
		freeEntries(list);
	free(matches.parent);
	realUdev().udev_enumerate_unref(enumerate->real);
	free(enumerate);
}

} /* namespace */

} /* namespace fovea::preload::udev */

using namespace fovea::preload;
using namespace fovea::preload::udev;

namespace {

Enumerate *ourEnumerate(udev_enumerate *enumerate)
{
	return ours<Enumerate>(enumerate, enumerateMagic);
}

} /* namespace */

FOVEA_EXPORT udev_enumerate *udev_enumerate_new(struct udev *context)
{
	udev_enumerate *real = realUdev().udev_enumerate_new(context);
	if (!real || !environment().active)
		return real;

	auto *enumerate = static_cast<Enumerate *>(calloc(1, sizeof(Enumerate)));
	if (!enumerate) {
		realUdev().udev_enumerate_unref(real);
		errno = ENOMEM;
		return nullptr;
	}
	enumerate->object = { &enumerateMagic, 1, context };
	enumerate->real = real;
	return reinterpret_cast<udev_enumerate *>(enumerate);
}

FOVEA_EXPORT udev_enumerate *udev_enumerate_ref(udev_enumerate *enumerate)
{
	Enumerate *our = ourEnumerate(enumerate);
	if (!our)
		return realUdev().udev_enumerate_ref(enumerate);
	our->object.references++;
	return enumerate;
}

FOVEA_EXPORT udev_enumerate *udev_enumerate_unref(udev_enumerate *enumerate)
{
	Enumerate *our = ourEnumerate(enumerate);
	if (!our)
		return realUdev().udev_enumerate_unref(enumerate);
	if (!--our->object.references)
		destroy(our);
	return nullptr;
}

FOVEA_EXPORT struct udev *udev_enumerate_get_udev(udev_enumerate *enumerate)
{
	const Enumerate *our = ourEnumerate(enumerate);
	return our ? our->object.context : realUdev().udev_enumerate_get_udev(enumerate);
}

/* Matches are noted for our devices, and passed on for the machine's. */
#define FOVEA_UDEV_MATCH(name, member)                                          \
	FOVEA_EXPORT int name(udev_enumerate *enumerate, const char *pattern)   \
	{                                                                       \
		Enumerate *our = ourEnumerate(enumerate);                       \
		if (our && pattern)                                             \
			addEntry(&our->matches.member, pattern, nullptr);       \
		return realUdev().name(our ? our->real : enumerate, pattern);   \
	}

#define FOVEA_UDEV_MATCH_VALUE(name, member)                                    \
	FOVEA_EXPORT int name(udev_enumerate *enumerate, const char *key,       \
			      const char *value)                                \
	{                                                                       \
		Enumerate *our = ourEnumerate(enumerate);                       \
		if (our && key)                                                 \
			addEntry(&our->matches.member, key, value);             \
		return realUdev().name(our ? our->real : enumerate, key, value); \
	}

FOVEA_UDEV_MATCH(udev_enumerate_add_match_subsystem, subsystems)
FOVEA_UDEV_MATCH(udev_enumerate_add_nomatch_subsystem, notSubsystems)
FOVEA_UDEV_MATCH(udev_enumerate_add_match_sysname, names)
FOVEA_UDEV_MATCH(udev_enumerate_add_match_tag, tags)
FOVEA_UDEV_MATCH_VALUE(udev_enumerate_add_match_sysattr, attributes)
FOVEA_UDEV_MATCH_VALUE(udev_enumerate_add_nomatch_sysattr, notAttributes)
FOVEA_UDEV_MATCH_VALUE(udev_enumerate_add_match_property, properties)

/* The virtual devices need no initialisation. */
FOVEA_EXPORT int udev_enumerate_add_match_is_initialized(udev_enumerate *enumerate)
{
	const Enumerate *our = ourEnumerate(enumerate);
	return realUdev().udev_enumerate_add_match_is_initialized(our ? our->real : enumerate);
}

FOVEA_EXPORT int udev_enumerate_add_match_parent(udev_enumerate *enumerate, udev_device *parent)
{
	Enumerate *our = ourEnumerate(enumerate);
	if (!our)
		return realUdev().udev_enumerate_add_match_parent(enumerate, parent);

	free(our->matches.parent);
	our->matches.parent = parent ? strdup(udev_device_get_syspath(parent)) : nullptr;
	return ours<Device>(parent, deviceMagic)
		       ? 0
		       : realUdev().udev_enumerate_add_match_parent(our->real, parent);
}

FOVEA_EXPORT int udev_enumerate_add_syspath(udev_enumerate *enumerate, const char *syspath)
{
	Enumerate *our = ourEnumerate(enumerate);
	Device *device = our && syspath ? newDevice(our->object.context, syspath) : nullptr;
	if (!device)
		return realUdev().udev_enumerate_add_syspath(our ? our->real : enumerate, syspath);

	addEntry(&our->list, device->syspath, nullptr);
	release(device);
	return 0;
}

FOVEA_EXPORT int udev_enumerate_scan_devices(udev_enumerate *enumerate)
{
	Enumerate *our = ourEnumerate(enumerate);
	if (!our)
		return realUdev().udev_enumerate_scan_devices(enumerate);

	freeEntries(&our->list);
	if (!wantsOursOnly(our->matches)) {
		const int ret = realUdev().udev_enumerate_scan_devices(our->real);
		if (ret < 0)
			return ret;
		addReal(our);
	}

	scanKind(our, "/sys/class", "");
	scanKind(our, "/sys/bus", "/devices");
	return 0;
}

FOVEA_EXPORT int udev_enumerate_scan_subsystems(udev_enumerate *enumerate)
{
	Enumerate *our = ourEnumerate(enumerate);
	const int ret = realUdev().udev_enumerate_scan_subsystems(our ? our->real : enumerate);
	if (our && ret >= 0) {
		freeEntries(&our->list);
		addReal(our);
	}
	return ret;
}

FOVEA_EXPORT udev_list_entry *udev_enumerate_get_list_entry(udev_enumerate *enumerate)
{
	const Enumerate *our = ourEnumerate(enumerate);
	return our ? opaque(our->list) : realUdev().udev_enumerate_get_list_entry(enumerate);
}
