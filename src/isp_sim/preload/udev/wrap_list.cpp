/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * libudev: lists
 */

#include "udev.h"

#include <stdlib.h>
#include <string.h>

#include "../wrap.h"

namespace fovea::preload::udev {

const char entryMagic = 'e';

void addEntry(Entry **list, const char *name, const char *value)
{
	while (*list && strcmp((*list)->name, name) < 0)
		list = &(*list)->next;

	char *copy = value ? strdup(value) : nullptr;
	if (*list && !strcmp((*list)->name, name)) {
		free((*list)->value);
		(*list)->value = copy;
		return;
	}

	auto *entry = static_cast<Entry *>(malloc(sizeof(Entry)));
	char *nameCopy = strdup(name);
	if (!entry || !nameCopy) {
		free(entry);
		free(nameCopy);
		free(copy);
		return;
	}

	*entry = { &entryMagic, nameCopy, copy, *list };
	*list = entry;
}

void freeEntries(Entry **list)
{
	while (Entry *entry = *list) {
		*list = entry->next;
		free(entry->name);
		free(entry->value);
		free(entry);
	}
}

const Entry *findEntry(const Entry *list, const char *name)
{
	while (list && strcmp(list->name, name))
		list = list->next;

	return list;
}

const char *valueOf(const Entry *list, const char *name)
{
	const Entry *entry = findEntry(list, name);
	return entry ? entry->value : nullptr;
}

} /* namespace fovea::preload::udev */

using namespace fovea::preload::udev;

namespace {

Entry *ourEntry(udev_list_entry *entry)
{
	return ours<Entry>(entry, entryMagic);
}

} /* namespace */

FOVEA_EXPORT udev_list_entry *udev_list_entry_get_next(udev_list_entry *entry)
{
	const Entry *our = ourEntry(entry);
	return our ? opaque(our->next) : realUdev().udev_list_entry_get_next(entry);
}

FOVEA_EXPORT udev_list_entry *udev_list_entry_get_by_name(udev_list_entry *entry, const char *name)
{
	const Entry *our = ourEntry(entry);
	return our ? opaque(const_cast<Entry *>(findEntry(our, name)))
		   : realUdev().udev_list_entry_get_by_name(entry, name);
}

FOVEA_EXPORT const char *udev_list_entry_get_name(udev_list_entry *entry)
{
	const Entry *our = ourEntry(entry);
	return our ? our->name : realUdev().udev_list_entry_get_name(entry);
}

FOVEA_EXPORT const char *udev_list_entry_get_value(udev_list_entry *entry)
{
	const Entry *our = ourEntry(entry);
	return our ? our->value : realUdev().udev_list_entry_get_value(entry);
}
