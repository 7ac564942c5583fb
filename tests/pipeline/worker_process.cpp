/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The process of the IPA worker
 */

#include "worker_process.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

namespace {

/* The name of the worker, as the kernel cuts it to 15 characters. */
constexpr const char *kWorker = "fovea_ipa_worke";

using Fields = std::map<std::string, std::string>;

Fields readStatus(const std::filesystem::path &process)
{
	Fields fields;
	std::ifstream status(process / "status");
	std::string field;
	std::string value;
	while (std::getline(status, field, ':') && std::getline(status >> std::ws, value))
		fields[field] = value;

	return fields;
}

bool isDescendant(Fields process)
{
	const std::string self = std::to_string(getpid());

	for (unsigned int generation = 0; generation < 4; generation++) {
		const std::string parent = process["PPid"];
		if (parent == self)
			return true;
		if (parent.empty() || parent == "0")
			return false;
		process = readStatus("/proc/" + parent);
	}

	return false;
}

} /* namespace */

pid_t workerProcess()
{
	pid_t newest = -1;
	std::error_code error;

	for (const auto &entry : std::filesystem::directory_iterator("/proc", error)) {
		Fields status = readStatus(entry.path());
		if (status["Name"] == kWorker && !status["State"].starts_with('Z') &&
		    isDescendant(status))
			newest = std::max<pid_t>(newest, std::stoi(status["Pid"]));
	}

	return newest;
}
