/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the IPA worker inherits
 */

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sandbox/environment.h"

namespace {

std::set<std::string> select(std::vector<std::string> variables)
{
	std::vector<char *> pointers;
	for (std::string &variable : variables)
		pointers.push_back(variable.data());
	pointers.push_back(nullptr);

	const std::vector<char *> selected = fovea::sandbox::workerEnvironment(pointers.data());
	EXPECT_EQ(selected.back(), nullptr);
	return { selected.begin(), selected.end() - 1 };
}

TEST(WorkerEnvironment, KeepsWhatTheLogNeeds)
{
	const std::set<std::string> kept{ "LANG=C", "LIBCAMERA_LOG_LEVELS=*:0",
					  "PATH=/usr/bin" };
	EXPECT_EQ(select({ kept.begin(), kept.end() }), kept);
}

TEST(WorkerEnvironment, DropsThePreloadAndTheServer)
{
	EXPECT_TRUE(select({ "LD_PRELOAD=/x.so", "LD_AUDIT=/x.so", "LD_LIBRARY_PATH=/x", "FOVEA_SOCKET=/tmp/s",
			     "FOVEA_SYSFS=/tmp/d", "FOVEA_ANYTHING=1", "HOME=/root",
			     "LD_PRELOADX=1", "PATHS=x", "LIBCAMERA_IPA_MODULE_PATH=/x",
			     "no-equals-sign", "=value", "" })
			    .empty());
}

} /* namespace */
