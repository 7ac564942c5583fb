/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Wrappers of the functions that execute a program
 *
 * A machine's devices do not go away for a program that is started with an
 * environment of its own, nor with another preloaded library: what leads to the
 * server is put back where it is missing. FOVEA_SOCKET with another value, an
 * empty one too, is left alone: that is how to leave this world.
 *
 * The child of a vfork() runs here in its parent's memory: nothing is allocated
 * and nothing is kept.
 */

#include <alloca.h>
#include <dlfcn.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "environment.h"
#include "real.h"
#include "wrap.h"

using namespace fovea::preload;

namespace {

constexpr const char *kSocket = "FOVEA_SOCKET=";
constexpr const char *kTree = "FOVEA_SYSFS=";
constexpr const char *kTrace = "FOVEA_TRACE=";
constexpr const char *kPreload = "LD_PRELOAD=";

/* How many variables are added at most. */
constexpr size_t kAdded = 4;

constexpr size_t kVariableSize = PATH_MAX + 16;

/* "NAME=value", empty where there is nothing to tell. */
struct World {
	char socket[kVariableSize];
	char tree[kVariableSize];
	char trace[kVariableSize];
	char library[PATH_MAX];
};

World world;

void assign(char *to, const char *name, const char *value)
{
	if (*value)
		snprintf(to, kVariableSize, "%s%s", name, value);
}

/* Before main(): none of this is for the child of a vfork(). */
[[gnu::constructor]] void start()
{
	const Environment &known = environment();
	Dl_info self;

	if (!known.active || !dladdr(&world, &self) || !self.dli_fname ||
	    strlen(self.dli_fname) >= sizeof(world.library))
		return;

	strcpy(world.library, self.dli_fname);
	assign(world.tree, kTree, known.tree);
	assign(world.trace, kTrace, known.trace);
	assign(world.socket, kSocket, known.socket);
}

/* The index of the variable whose "NAME=" is \a name, or \a count. */
size_t find(char *const *variables, size_t count, const char *name)
{
	const size_t length = strlen(name);
	size_t i = 0;

	while (i < count && strncmp(variables[i], name, length))
		i++;
	return i;
}

/* This library comes after those that the caller wants: they call it. */
void addLibrary(char *to, const char *preload)
{
	const bool first = !preload[strlen(kPreload)];

	sprintf(to, "%s%s%s", preload, first ? "" : ":", world.library);
}

/* Execute with \a variables, completed by those that lead to the server. */
template<typename Function>
int execute(char *const *variables, Function function)
{
	static char *const none[] = { nullptr };
	if (!variables)
		variables = none;

	size_t count = 0;
	while (variables[count])
		count++;

	const size_t socket = find(variables, count, kSocket);
	if (!*world.socket || (socket < count && strcmp(variables[socket], world.socket)))
		return function(variables);

	char **completed = static_cast<char **>(alloca((count + kAdded + 1) * sizeof(char *)));
	memcpy(completed, variables, count * sizeof(char *));
	size_t end = count;

	if (socket == count)
		completed[end++] = world.socket;
	if (find(variables, count, kTree) == count)
		completed[end++] = world.tree;
	if (*world.trace && find(variables, count, kTrace) == count)
		completed[end++] = world.trace;

	const size_t preload = find(variables, count, kPreload);
	const char *wanted = preload < count ? variables[preload] : kPreload;
	if (!strstr(wanted, world.library)) {
		char *variable = static_cast<char *>(alloca(strlen(wanted) + sizeof(world.library) + 1));
		addLibrary(variable, wanted);
		completed[preload < count ? preload : end++] = variable;
	}
	completed[end] = nullptr;

	return function(completed);
}

} /* namespace */

/*
 * The variables of a program that is executed with its caller's own may have
 * changed since, hence all of these.
 */

FOVEA_EXPORT int execve(const char *path, char *const argv[], char *const envp[]) noexcept
{
	return execute(envp, [=](char *const *variables) {
		return real().execve(path, argv, variables);
	});
}

FOVEA_EXPORT int execv(const char *path, char *const argv[]) noexcept
{
	return execve(path, argv, environ);
}

FOVEA_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[]) noexcept
{
	return execute(envp, [=](char *const *variables) {
		return real().execvpe(file, argv, variables);
	});
}

FOVEA_EXPORT int execvp(const char *file, char *const argv[]) noexcept
{
	return execvpe(file, argv, environ);
}

FOVEA_EXPORT int fexecve(int fd, char *const argv[], char *const envp[]) noexcept
{
	return execute(envp, [=](char *const *variables) {
		return real().fexecve(fd, argv, variables);
	});
}

/* The arguments of execl() and its kin as an array on the caller's stack. */
#define FOVEA_ARGUMENTS(argv, last, args)                                          \
	va_list args;                                                              \
	size_t argc = 1;                                                           \
	va_start(args, last);                                                      \
	while (va_arg(args, char *))                                               \
		argc++;                                                            \
	va_end(args);                                                              \
	char **argv = static_cast<char **>(alloca((argc + 1) * sizeof(char *)));   \
	argv[0] = const_cast<char *>(last);                                        \
	va_start(args, last);                                                      \
	for (size_t i = 1; i <= argc; i++)                                         \
		argv[i] = va_arg(args, char *);

FOVEA_EXPORT int execl(const char *path, const char *arg, ...) noexcept
{
	FOVEA_ARGUMENTS(argv, arg, args)
	va_end(args);
	return execve(path, argv, environ);
}

FOVEA_EXPORT int execlp(const char *file, const char *arg, ...) noexcept
{
	FOVEA_ARGUMENTS(argv, arg, args)
	va_end(args);
	return execvpe(file, argv, environ);
}

FOVEA_EXPORT int execle(const char *path, const char *arg, ...) noexcept
{
	FOVEA_ARGUMENTS(argv, arg, args)
	char *const *variables = va_arg(args, char *const *);
	va_end(args);
	return execve(path, argv, variables);
}

FOVEA_EXPORT int posix_spawn(pid_t *pid, const char *path,
			     const posix_spawn_file_actions_t *actions,
			     const posix_spawnattr_t *attributes, char *const argv[],
			     char *const envp[])
{
	return execute(envp, [=](char *const *variables) {
		return real().posix_spawn(pid, path, actions, attributes, argv, variables);
	});
}

FOVEA_EXPORT int posix_spawnp(pid_t *pid, const char *file,
			      const posix_spawn_file_actions_t *actions,
			      const posix_spawnattr_t *attributes, char *const argv[],
			      char *const envp[])
{
	return execute(envp, [=](char *const *variables) {
		return real().posix_spawnp(pid, file, actions, attributes, argv, variables);
	});
}
