/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Wrappers of exec: programs that must not reach the virtual hardware
 *
 * FOVEA_PRELOAD_EXCLUDE names programs (their file names, separated by colons)
 * that are started without this library and without the variables that lead to
 * the server. The worker of a sandboxed IPA is one.
 */

#include <alloca.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "real.h"
#include "wrap.h"

using namespace fovea::preload;

namespace {

/* Libraries of a run that an excluded program does not get. */
constexpr const char *kOwnLibraries[] = { "libfovea-v4l2.so", "libcamera-fovea.so" };

constexpr const char *kOwnVariables[] = {
	"FOVEA_SOCKET=", "FOVEA_SYSFS=", "FOVEA_TRACE=", "FOVEA_PRELOAD_EXCLUDE=",
};

constexpr char kPreload[] = "LD_PRELOAD=";

const char *fileName(const char *path, size_t length)
{
	const char *name = path;
	for (size_t i = 0; i < length; i++) {
		if (path[i] == '/')
			name = path + i + 1;
	}
	return name;
}

bool isExcluded(const char *path)
{
	if (!environment().active || !path)
		return false;

	const char *name = fileName(path, strlen(path));
	const size_t length = strlen(name);
	for (const char *list = environment().exclude; *list;) {
		const size_t part = strcspn(list, ":");
		if (part == length && !memcmp(list, name, length))
			return true;
		list += part + (list[part] == ':');
	}

	return false;
}

bool isOwnLibrary(const char *path, size_t length)
{
	const char *name = fileName(path, length);
	const size_t nameLength = path + length - name;
	for (const char *library : kOwnLibraries) {
		if (nameLength == strlen(library) && !memcmp(name, library, nameLength))
			return true;
	}
	return false;
}

/* \a value of LD_PRELOAD without our libraries; \a out has room for all of it. */
void filterPreload(const char *value, char *out)
{
	char *end = stpcpy(out, kPreload);
	bool first = true;

	while (*value) {
		value += strspn(value, ": ");
		const size_t length = strcspn(value, ": ");
		if (length && !isOwnLibrary(value, length)) {
			if (!first)
				*end++ = ':';
			memcpy(end, value, length);
			end += length;
			first = false;
		}
		value += length;
	}

	*end = '\0';
}

bool isOwnVariable(const char *variable)
{
	for (const char *own : kOwnVariables) {
		if (!strncmp(variable, own, strlen(own)))
			return true;
	}
	return false;
}

/* On the stack: the heap of a cloned child may be locked for ever. */
int execOutside(const char *path, char *const argv[], char *const envp[])
{
	size_t count = 0;
	size_t preloadSize = 1;
	for (; envp && envp[count]; count++) {
		if (!strncmp(envp[count], kPreload, strlen(kPreload)))
			preloadSize = strlen(envp[count]) + 1;
	}

	auto **filtered = static_cast<char **>(alloca((count + 1) * sizeof(char *)));
	auto *preload = static_cast<char *>(alloca(preloadSize));
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (isOwnVariable(envp[i]))
			continue;
		filtered[kept] = envp[i];
		if (!strncmp(envp[i], kPreload, strlen(kPreload))) {
			filterPreload(envp[i] + strlen(kPreload), preload);
			if (!preload[strlen(kPreload)])
				continue;
			filtered[kept] = preload;
		}
		kept++;
	}
	filtered[kept] = nullptr;

	return real().execve(path, argv, filtered);
}

} /* namespace */

FOVEA_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	return isExcluded(path) ? execOutside(path, argv, envp) : real().execve(path, argv, envp);
}

FOVEA_EXPORT int execv(const char *path, char *const argv[])
{
	return isExcluded(path) ? execOutside(path, argv, environ) : real().execv(path, argv);
}
