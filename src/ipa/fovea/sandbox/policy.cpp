/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the worker of one IPA module may use
 */

#include "policy.h"

#include <charconv>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string_view>

/**
 * \file policy.h
 * \brief What the worker of one IPA module may use
 */

namespace fovea::sandbox {

namespace {

bool parseDescriptor(std::string_view text, int *descriptor)
{
	const char *end = text.data() + text.size();
	auto [stop, error] = std::from_chars(text.data(), end, *descriptor);
	return error == std::errc{} && stop == end && *descriptor >= 0;
}

/* Canonical, so that the worker finds it under the name that it is given. */
bool parsePath(const char *text, std::string *path)
{
	char resolved[PATH_MAX];
	if (!realpath(text, resolved))
		return false;

	*path = resolved;
	return true;
}

bool set(CagePolicy *policy, std::string_view option, const char *value)
{
	if (option == "--module")
		return parsePath(value, &policy->module);
	if (option == "--socket")
		return parseDescriptor(value, &policy->socket);
	if (option == "--tuning")
		return !*value || parsePath(value, &policy->tuning);

	return false;
}

} /* namespace */

/**
 * \struct CagePolicy
 * \brief What the worker of one IPA module may use
 *
 * \var CagePolicy::module
 * \brief Path of the module
 * \var CagePolicy::tuning
 * \brief Folder of tuning data, or a single file; empty if there is none
 * \var CagePolicy::socket
 * \brief The descriptor that leads to the pipeline handler
 * \var CagePolicy::relaxed
 * \brief Run the module even if a layer is missing, with a warning
 */

/**
 * \brief Read the command line of the launcher or the worker
 *
 * Accepted is "--module PATH --socket FD [--tuning PATH] [--relaxed]". An empty PATH
 * of tuning data stands for none.
 *
 * \return The policy, or nothing after a message that names the argument
 */
std::optional<CagePolicy> CagePolicy::fromArguments(int argc, char **argv)
{
	CagePolicy policy;

	for (int i = 1; i < argc; i++) {
		const std::string_view option = argv[i];
		if (option == "--relaxed") {
			policy.relaxed = true;
			continue;
		}

		const char *value = i + 1 < argc ? argv[++i] : nullptr;
		if (!value || !set(&policy, option, value)) {
			fprintf(stderr, "fovea sandbox: the argument '%s %s' is not valid\n",
				option.data(), value ? value : "");
			return {};
		}
	}

	if (policy.module.empty() || policy.socket < 0) {
		fprintf(stderr, "fovea sandbox: needed: --module PATH --socket FD [--tuning PATH]\n");
		return {};
	}

	return policy;
}

/**
 * \brief The command line of a program that reads this policy from it
 */
std::vector<std::string> CagePolicy::toArguments(const std::string &program) const
{
	std::vector<std::string> arguments{ program, "--module", module,
					    "--socket", std::to_string(socket) };
	if (!tuning.empty())
		arguments.insert(arguments.end(), { "--tuning", tuning });
	if (relaxed)
		arguments.push_back("--relaxed");

	return arguments;
}

} /* namespace fovea::sandbox */
