/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lists of faults: what is read, and what is refused how
 */

#include <errno.h>
#include <string>

#include <gtest/gtest.h>

#include "isp_sim/sensor/faults.h"
#include "isp_sim/sensor/rig.h"

using namespace fovea::sensor;
using namespace std::chrono_literals;

namespace {

std::string file(const std::string &faults)
{
	return "version: 1\nfaults:\n" + faults;
}

std::vector<Fault> parse(const std::string &faults)
{
	std::string error;
	auto result = parseFaults(file(faults), "faults.yaml", &error);
	EXPECT_TRUE(result) << error;
	return result.value_or(std::vector<Fault>());
}

std::string errorOf(const std::string &faults)
{
	std::string error;
	EXPECT_FALSE(parseFaults(file(faults), "faults.yaml", &error));
	return error;
}

} /* namespace */

TEST(Faults, ReadsEveryKind)
{
	const std::vector<Fault> faults = parse(
		"  - { kind: lost-frame, frame: 10, count: 3, input: 1 }\n"
		"  - { kind: csi-error, time: 0.5, duration: 0.25 }\n"
		"  - { kind: late-statistics, frame: 1, delay_frames: 4 }\n"
		"  - { kind: stalled-isp, frame: 2, until_stop: true }\n"
		"  - { kind: i2c-error, time: 0, error: io, control: analogue-gain }\n"
		"  - { kind: slow-bus, frame: 0, delay_ms: 1.5 }\n"
		"  - { kind: unplug, time: 3, duration: 2 }\n");
	ASSERT_EQ(faults.size(), 7u);

	EXPECT_EQ(faults[0].kind, FaultKind::LostFrame);
	EXPECT_EQ(faults[0].frame, 10u);
	EXPECT_EQ(faults[0].count, 3u);
	EXPECT_EQ(faults[0].input, 1u);
	EXPECT_EQ(faults[1].kind, FaultKind::CsiError);
	EXPECT_FALSE(faults[1].frame);
	EXPECT_EQ(faults[1].time, 500ms);
	EXPECT_EQ(faults[1].duration, std::chrono::nanoseconds(250ms));
	EXPECT_EQ(faults[2].kind, FaultKind::LateStatistics);
	EXPECT_EQ(faults[2].delayFrames, 4u);
	EXPECT_EQ(faults[3].kind, FaultKind::StalledIsp);
	EXPECT_FALSE(faults[3].count);
	EXPECT_EQ(faults[4].kind, FaultKind::ControlError);
	EXPECT_EQ(faults[4].error, -EIO);
	EXPECT_EQ(faults[4].control, BusControl::AnalogueGain);
	EXPECT_EQ(faults[5].kind, FaultKind::SlowBus);
	EXPECT_EQ(faults[5].delay, 1500us);
	EXPECT_EQ(faults[6].kind, FaultKind::Unplug);
	EXPECT_EQ(faults[6].duration, std::chrono::nanoseconds(2s));
}

TEST(Faults, HasDefaults)
{
	const std::vector<Fault> faults = parse("  - { kind: i2c-error, frame: 4 }\n");
	ASSERT_EQ(faults.size(), 1u);
	EXPECT_EQ(faults[0].error, -EREMOTEIO);
	EXPECT_FALSE(faults[0].control);
	EXPECT_FALSE(faults[0].count);
	EXPECT_FALSE(faults[0].duration);
	EXPECT_EQ(faults[0].input, 0u);
}

TEST(Faults, NamesFileLineAndField)
{
	EXPECT_EQ(errorOf("  - { kind: lost-frame, frame: 1 }\n  - kind: explosion\n    frame: 1\n"),
		  "faults.yaml:4:11: field 'faults[1].kind': got 'explosion', expected one of: lost-frame, "
		  "csi-error, late-statistics, stalled-isp, i2c-error, slow-bus, unplug");
	EXPECT_EQ(errorOf("  - { kind: lost-frame, frame: -1 }\n"),
		  "faults.yaml:3:32: field 'faults[0].frame': got '-1', expected an integer from 0 to 100000000000");
}

TEST(Faults, RefusesWhatMeansNothing)
{
	const struct {
		const char *fault;
		const char *message;
	} cases[] = {
		{ "kind: lost-frame", "expected exactly one of: frame, time" },
		{ "kind: lost-frame, frame: 1, time: 1", "expected exactly one of: frame, time" },
		{ "kind: lost-frame, frame: 1, count: 1, duration: 1", "expected at most one of: count, duration" },
		{ "kind: lost-frame, frame: 1, count: 0", "expected an integer from 1" },
		{ "kind: lost-frame, frame: 1, delay_ms: 1", "means nothing for this kind of fault" },
		{ "kind: lost-frame, frame: 1, cuont: 1", "unknown field" },
		{ "kind: lost-frame, time: -1", "expected a number from 0" },
		{ "kind: lost-frame, time: .nan", "expected a number from 0" },
		{ "kind: lost-frame, frame: 1, input: 9", "expected an integer from 0 to 7" },
		{ "kind: late-statistics, frame: 1", "missing, expected an integer from 1 to 16" },
		{ "kind: stalled-isp, frame: 1", "either a count of frames or 'until_stop: true'" },
		{ "kind: stalled-isp, frame: 1, count: 2, until_stop: true", "either a count" },
		{ "kind: stalled-isp, frame: 1, duration: 2", "means nothing for this kind" },
		{ "kind: i2c-error, frame: 1, error: none", "expected one of: remote-io, io, timed-out" },
		{ "kind: i2c-error, frame: 1, control: focus", "expected one of: exposure" },
		{ "kind: slow-bus, frame: 1", "missing, expected a number from 0 to 10000" },
		{ "kind: slow-bus, frame: 1, delay_ms: 20000", "expected a number from 0 to 10000" },
		{ "kind: unplug, frame: 1, count: 3", "means nothing for this kind" },
	};

	for (const auto &[fault, message] : cases) {
		const std::string error = errorOf(std::string("  - { ") + fault + " }\n");
		EXPECT_NE(error.find(message), std::string::npos) << fault << ": " << error;
		EXPECT_TRUE(error.starts_with("faults.yaml:3:")) << error;
	}
}

TEST(Faults, ArePartOfARig)
{
	const std::string rig = "version: 1\nname: r\nsensors:\n  - { model: imx219, scene: chart-6500k }\n";
	std::string error;
	auto good = parseRig(rig + "faults:\n  - { kind: csi-error, frame: 3 }\n", "rig.yaml", &error);
	ASSERT_TRUE(good) << error;
	ASSERT_EQ(good->faults.size(), 1u);
	EXPECT_EQ(good->faults[0].kind, FaultKind::CsiError);

	EXPECT_FALSE(parseRig(rig + "faults:\n  - { kind: csi-error }\n", "rig.yaml", &error));
	EXPECT_TRUE(error.starts_with("rig.yaml:6:")) << error;
}

TEST(Faults, AreFoundByName)
{
	std::string error;
	const SearchPath search = SearchPath::fromEnvironment();
	EXPECT_TRUE(loadFaults("bad-day", search, &error)) << error;
	EXPECT_FALSE(loadFaults("good-day", search, &error));
	EXPECT_NE(error.find("good-day: no list of faults of that name"), std::string::npos) << error;
}
