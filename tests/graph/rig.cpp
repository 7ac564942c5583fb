/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs with media graphs: those of the tree, and malformed ones
 */

#include "graph_test.h"

#include "isp_sim/graph/graph_rig.h"

using namespace fovea::graph;
using fovea::test::rigText;

namespace {

const std::string kRig = R"(version: 1
name: small
devices:
  - driver: small
    model: Small
    bus-info: "platform:small"
    sysfs-path: platform/small.0
    entities:
      - { name: Eye, kind: sensor }
      - { name: Mid, kind: scaler }
      - { name: Out, kind: capture }
    links:
      - { source: "Eye:0", sink: "Mid:0", flags: [enabled] }
      - { source: "Mid:1", sink: "Out:0", flags: [enabled, immutable] }
)";

/* The error after \a from was replaced by \a to. */
std::string errorOf(const std::string &from, const std::string &to)
{
	std::string text = kRig;
	std::string error;
	const size_t at = text.find(from);

	EXPECT_NE(at, std::string::npos) << from;
	text.replace(at, from.size(), to);
	EXPECT_FALSE(parseGraphRig(text, "x.yaml", &error)) << to;
	return error;
}

TEST(GraphRig, Vimc)
{
	std::string error;
	const std::string text = rigText("vimc");
	std::optional<GraphRig> rig = parseGraphRig(text, "vimc.yaml", &error);

	ASSERT_TRUE(rig) << error;
	EXPECT_TRUE(isGraphRig(text));
	EXPECT_FALSE(rig->virtualTime);
	ASSERT_EQ(rig->devices.size(), 1u);
	EXPECT_EQ(rig->devices[0].driver, "vimc");
	EXPECT_EQ(rig->devices[0].sysfsPath, "platform/vimc.0");
	EXPECT_EQ(rig->devices[0].entities.size(), 11u);
	EXPECT_EQ(rig->devices[0].links.size(), 8u);
	EXPECT_EQ(rig->devices[0].ancillaryLinks.size(), 2u);
}

TEST(GraphRig, OtherRigsAreNone)
{
	EXPECT_FALSE(isGraphRig(rigText("default")));
	EXPECT_FALSE(isGraphRig("- a list"));
	EXPECT_FALSE(isGraphRig("{"));
}

TEST(GraphRig, Parameters)
{
	std::string error;
	std::string text = kRig;
	text.replace(text.find("kind: sensor"), 12,
		     "kind: sensor, size: [64, 48], code: SGRBG10_1X10, test-pattern: 20");
	std::optional<GraphRig> rig = parseGraphRig(text, "x.yaml", &error);

	ASSERT_TRUE(rig) << error;
	const EntityConfig &eye = rig->devices[0].entities[0];
	EXPECT_EQ(eye.size.width, 64u);
	EXPECT_EQ(eye.size.height, 48u);
	EXPECT_EQ(eye.code, static_cast<uint32_t>(MEDIA_BUS_FMT_SGRBG10_1X10));
	EXPECT_EQ(eye.pattern, 20u);
}

/* Every error names the file, the line and the field. */
TEST(GraphRig, Errors)
{
	const struct {
		const char *from, *to, *error;
	} edits[] = {
		{ "driver: small", "driver: a/b", "x.yaml:4:13: field 'devices[0].driver': expected letters" },
		{ "driver: small", "drive: small", "x.yaml:4:5: field 'devices[0].drive': unknown field" },
		{ "platform/small.0", "../etc", "x.yaml:7:17: field 'devices[0].sysfs-path': got '../etc'" },
		{ "platform/small.0", "/etc", "x.yaml:7:17: field 'devices[0].sysfs-path': got '/etc'" },
		{ "name: Mid", "name: Eye", "x.yaml:10:17: field 'devices[0].entities[1].name': 'Eye' is the name of another" },
		{ "name: Mid", "name: An entity of a name with too many bytes", "entities[1].name': expected a printable text of 1 to 31 bytes" },
		{ "kind: scaler", "kind: scale", "field 'devices[0].entities[1].kind': got 'scale', expected one of: sensor" },
		{ "kind: sensor", "kind: sensor, size: [64, 47]", "entities[0].size': got 64x47, expected even numbers up to 4096x2160" },
		{ "kind: sensor", "kind: sensor, size: [8, 48]", "entities[0].size[0]': expected a list of 2 integers from 16 to 4096" },
		{ "kind: sensor", "kind: sensor, code: RGB24", "entities[0].code': got 'RGB24', expected a media bus format" },
		{ "kind: sensor", "kind: sensor, test-pattern: 22", "entities[0].test-pattern': got '22', expected an integer from 0 to 21" },
		{ "kind: scaler", "kind: scaler, code: SRGGB8_1X8", "entities[1].code': expected a format that is not Bayer" },
		{ "kind: capture", "kind: capture, pixel-format: NV12", "entities[2].pixel-format': got 'NV12', expected four characters" },
		{ "kind: capture", "kind: capture, test-pattern: 1", "entities[2].test-pattern': unknown field" },
		{ "source: \"Eye:0\"", "source: \"Nose:0\"", "x.yaml:13:19: field 'devices[0].links[0].source': no entity has the name 'Nose'" },
		{ "source: \"Eye:0\"", "source: \"Eye\"", "links[0].source': got 'Eye', expected an entity and a pad" },
		{ "source: \"Eye:0\"", "source: \"Eye:1\"", "links[0].source': got pad 1, a sensor has 1 pads" },
		{ "source: \"Eye:0\"", "source: \"Eye:x\"", "links[0].source': got 'Eye:x', expected an entity and a pad" },
		{ "sink: \"Mid:0\"", "sink: \"Mid:1\"", "links[0].sink': pad 1 of a scaler is not a sink pad" },
		{ "sink: \"Out:0\", flags: [enabled, immutable]", "sink: \"Out:0\", flags: [immutable]", "links[1].flags': an immutable link has to be enabled" },
		{ "flags: [enabled]", "flags: [on]", "links[0].flags': got 'on', expected enabled, immutable or dynamic" },
		{ "source: \"Eye:0\"", "source: \"Mid:1\"", "field 'devices[0].links': the links form a circle" },
		{ "sink: \"Out:0\"", "sink: \"Mid:0\"", "links[1].flags': another link to this sink is enabled already" },
		{ "devices:", "clock: slow\ndevices:", "x.yaml:3:8: field 'clock': got 'slow', expected one of: real-time, virtual-time" },
		{ "version: 1", "version: 2", "x.yaml:1:10: field 'version': got '2'" },
	};

	for (const auto &edit : edits) {
		const std::string error = errorOf(edit.from, edit.to);
		EXPECT_NE(error.find(edit.error), std::string::npos) << edit.to << "\n" << error;
		EXPECT_EQ(error.rfind("x.yaml:", 0), 0u) << error;
	}
}

TEST(GraphRig, DevicesNeedPathsOfTheirOwn)
{
	std::string error;
	const std::string device = kRig.substr(kRig.find("  - driver"));

	EXPECT_FALSE(parseGraphRig(kRig + device, "x.yaml", &error));
	EXPECT_NE(error.find("devices[1].sysfs-path': another device has the same path"),
		  std::string::npos) << error;
}

} /* namespace */
