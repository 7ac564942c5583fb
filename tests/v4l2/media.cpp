/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Media controller: enumeration, topology, links
 */

#include "core_test.h"

#include <algorithm>
#include <errno.h>
#include <string.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class Media : public CoreTest
{
protected:
	void SetUp() override { file_ = open(media_); }

	media_link_desc link(uint32_t source, uint16_t pad, uint32_t sink, uint32_t flags)
	{
		media_link_desc result = {};
		result.source.entity = source;
		result.source.index = pad;
		result.sink.entity = sink;
		result.flags = flags;
		return result;
	}

	int setup(media_link_desc desc) { return file_->ioctl(MEDIA_IOC_SETUP_LINK, &desc); }

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(Media, DeviceInfo)
{
	media_device_info info;
	memset(&info, 0xff, sizeof(info));
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_DEVICE_INFO, &info), 0);
	EXPECT_STREQ(info.driver, "test");
	EXPECT_STREQ(info.model, "Test device");
	EXPECT_STREQ(info.serial, "serial");
	EXPECT_EQ(info.hw_revision, 3u);
	EXPECT_EQ(info.reserved[0], 0u);
}

TEST_F(Media, UnknownIoctls)
{
	int fd;
	EXPECT_EQ(file_->ioctl(MEDIA_IOC_REQUEST_ALLOC, &fd), -ENOTTY);
	v4l2_capability capability;
	EXPECT_EQ(file_->ioctl(VIDIOC_QUERYCAP, &capability), -ENOTTY);
	EXPECT_EQ(file_->mmap(0, 4096, &fd, nullptr), -ENODEV);
}

TEST_F(Media, EnumEntities)
{
	std::vector<std::string> names;
	media_entity_desc entity = {};
	entity.id = MEDIA_ENT_ID_FLAG_NEXT;
	while (!file_->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity)) {
		names.push_back(entity.name);
		if (names.back() == "source") {
			EXPECT_EQ(entity.pads, 2);
			EXPECT_EQ(entity.links, 2);
			EXPECT_EQ(entity.type, static_cast<uint32_t>(MEDIA_ENT_F_CAM_SENSOR));
			EXPECT_EQ(entity.dev.major, 81u);
		} else if (names.back() == "capture") {
			EXPECT_EQ(entity.links, 0);
			EXPECT_EQ(entity.type, static_cast<uint32_t>(MEDIA_ENT_F_IO_V4L));
		}

		media_entity_desc same = {};
		same.id = entity.id;
		EXPECT_EQ(file_->ioctl(MEDIA_IOC_ENUM_ENTITIES, &same), 0);
		EXPECT_STREQ(same.name, entity.name);
		entity.id |= MEDIA_ENT_ID_FLAG_NEXT;
	}

	EXPECT_EQ(names, (std::vector<std::string>{ "source", "capture", "output", "planar" }));
	entity.id = 0;
	EXPECT_EQ(file_->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity), -EINVAL);
}

TEST_F(Media, EnumLinks)
{
	media_pad_desc pads[2] = {};
	media_link_desc links[2] = {};
	media_links_enum query = {};
	query.entity = source_.entityId();
	query.pads = pads;
	query.links = links;
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_ENUM_LINKS, &query), 0);
	EXPECT_EQ(pads[1].index, 1);
	EXPECT_EQ(pads[1].flags, static_cast<uint32_t>(MEDIA_PAD_FL_SOURCE));
	EXPECT_EQ(links[0].sink.entity, capture_.entityId());
	EXPECT_EQ(links[0].flags, static_cast<uint32_t>(MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE));
	EXPECT_EQ(links[1].sink.entity, planar_.entityId());

	query.entity = 12345;
	EXPECT_EQ(file_->ioctl(MEDIA_IOC_ENUM_LINKS, &query), -EINVAL);
}

TEST_F(Media, TopologyCountsFirst)
{
	media_v2_topology topology = {};
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	EXPECT_EQ(uint32_t{ topology.num_entities }, 4u);
	EXPECT_EQ(uint32_t{ topology.num_interfaces }, 4u);
	EXPECT_EQ(uint32_t{ topology.num_pads }, 5u);
	EXPECT_EQ(uint32_t{ topology.num_links }, 6u);
	EXPECT_GT(uint64_t{ topology.topology_version }, 0u);
}

TEST_F(Media, TopologyTooSmall)
{
	media_v2_link links[3] = {};
	media_v2_entity entities[4] = {};
	media_v2_topology topology = {};
	topology.num_entities = 4;
	topology.ptr_entities = reinterpret_cast<uintptr_t>(entities);
	topology.num_links = 2;
	topology.ptr_links = reinterpret_cast<uintptr_t>(links);

	EXPECT_EQ(file_->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), -ENOSPC);
	/* The counts are told all the same, and nothing beyond the array written. */
	EXPECT_EQ(uint32_t{ topology.num_links }, 6u);
	EXPECT_EQ(uint32_t{ topology.num_entities }, 4u);
	EXPECT_NE(links[1].id, 0u);
	EXPECT_EQ(links[2].id, 0u);
}

TEST_F(Media, TopologyRefersToItsObjects)
{
	media_v2_entity entities[4] = {};
	media_v2_interface interfaces[4] = {};
	media_v2_pad pads[5] = {};
	media_v2_link links[6] = {};
	media_v2_topology topology = {};
	topology.num_entities = 4;
	topology.num_interfaces = 4;
	topology.num_pads = 5;
	topology.num_links = 6;
	topology.ptr_entities = reinterpret_cast<uintptr_t>(entities);
	topology.ptr_interfaces = reinterpret_cast<uintptr_t>(interfaces);
	topology.ptr_pads = reinterpret_cast<uintptr_t>(pads);
	topology.ptr_links = reinterpret_cast<uintptr_t>(links);
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);

	auto has = [](const auto &array, uint32_t id) {
		return std::any_of(std::begin(array), std::end(array),
				   [&](const auto &object) { return object.id == id; });
	};

	for (const media_v2_pad &pad : pads)
		EXPECT_TRUE(has(entities, pad.entity_id));
	for (const media_v2_link &l : links) {
		bool interface = (l.flags & MEDIA_LNK_FL_LINK_TYPE) == MEDIA_LNK_FL_INTERFACE_LINK;
		EXPECT_EQ(has(interfaces, l.source_id), interface);
		EXPECT_EQ(has(pads, l.source_id), !interface);
		EXPECT_EQ(interface ? has(entities, l.sink_id) : has(pads, l.sink_id), true);
	}
	for (const media_v2_interface &interface : interfaces)
		EXPECT_EQ(interface.devnode.major, 81u);
	EXPECT_EQ(interfaces[0].intf_type, static_cast<uint32_t>(MEDIA_INTF_T_V4L_SUBDEV));
	EXPECT_EQ(interfaces[1].intf_type, static_cast<uint32_t>(MEDIA_INTF_T_V4L_VIDEO));
}

TEST_F(Media, SetupLink)
{
	const uint32_t source = source_.entityId();
	constexpr uint32_t fixed = MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE;

	EXPECT_EQ(setup(link(source, 1, planar_.entityId(), MEDIA_LNK_FL_ENABLED)), 0);
	EXPECT_EQ(setup(link(source, 1, planar_.entityId(), 0)), 0);

	EXPECT_EQ(setup(link(source, 0, capture_.entityId(), fixed)), 0);
	EXPECT_EQ(setup(link(source, 0, capture_.entityId(), MEDIA_LNK_FL_IMMUTABLE)), -EINVAL);
	EXPECT_EQ(setup(link(source, 0, capture_.entityId(), MEDIA_LNK_FL_ENABLED)), -EINVAL);
	EXPECT_EQ(setup(link(source, 1, planar_.entityId(), fixed)), -EINVAL);
	EXPECT_EQ(setup(link(source, 1, capture_.entityId(), 0)), -EINVAL);
	EXPECT_EQ(setup(link(source, 2, capture_.entityId(), 0)), -EINVAL);
	EXPECT_EQ(setup(link(999, 0, capture_.entityId(), 0)), -EINVAL);
}

TEST_F(Media, LinksAreFixedWhileStreaming)
{
	auto capture = open(capture_);
	ASSERT_EQ(request(capture.get(), V4L2_BUF_TYPE_VIDEO_CAPTURE, 2), 0);
	ASSERT_EQ(on(capture.get(), V4L2_BUF_TYPE_VIDEO_CAPTURE), 0);

	media_link_desc other = link(source_.entityId(), 1, planar_.entityId(), MEDIA_LNK_FL_ENABLED);
	EXPECT_EQ(setup(other), -EBUSY);
	ASSERT_EQ(off(capture.get(), V4L2_BUF_TYPE_VIDEO_CAPTURE), 0);
	EXPECT_EQ(setup(other), 0);
}

TEST_F(Media, NodesHaveNames)
{
	EXPECT_EQ(media_.name(), "media0");
	EXPECT_EQ(source_.name(), "v4l-subdev0");
	EXPECT_EQ(capture_.name(), "video0");
	EXPECT_EQ(planar_.name(), "video2");
	EXPECT_EQ(media_.nodes().size(), 5u);
	EXPECT_NE(source_.minor(), capture_.minor());
}

/* Devices of one machine count their nodes on; each has a graph of its own. */
TEST_F(Media, DevicesShareNumbers)
{
	auto numbers = std::make_shared<v4l2::NodeNumbers>();
	v4l2::MediaDevice first({ "a", "First", "", "platform:a", 0 }, numbers);
	Source firstSource(&first);
	v4l2::MediaDevice second({ "b", "Second", "", "platform:b", 0 }, numbers);
	Source secondSource(&second);
	TestNode node(&second, "node", V4L2_BUF_TYPE_VIDEO_CAPTURE);

	EXPECT_EQ(first.name(), "media0");
	EXPECT_EQ(second.name(), "media1");
	EXPECT_NE(first.minor(), second.minor());
	EXPECT_EQ(secondSource.name(), "v4l-subdev1");
	EXPECT_EQ(secondSource.minor(), 1u);
	EXPECT_EQ(node.name(), "video0");
	EXPECT_EQ(node.minor(), 2u);
	EXPECT_EQ(firstSource.entityId(), secondSource.entityId());
}

TEST_F(Media, LateSubdeviceNodes)
{
	v4l2::MediaDeviceInfo info{ "late", "Late", "", "platform:late", 0 };
	info.lateSubdeviceNodes = true;
	v4l2::MediaDevice media(info);
	Source source(&media);
	TestNode node(&media, "node", V4L2_BUF_TYPE_VIDEO_CAPTURE);

	EXPECT_EQ(media.nodes().size(), 2u);
	media.registerSubdeviceNodes();
	ASSERT_EQ(media.nodes().size(), 3u);
	EXPECT_EQ(media.nodes()[2], &source);
	EXPECT_EQ(node.minor(), 0u);
	EXPECT_EQ(source.minor(), 1u);
}

TEST_F(Media, AncillaryLinks)
{
	media_v2_topology topology = {};
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	const uint32_t before = topology.num_links;

	media_.addAncillaryLink(&source_, &capture_);

	std::vector<media_v2_link> links(before + 1);
	topology = {};
	topology.num_links = links.size();
	topology.ptr_links = reinterpret_cast<uintptr_t>(links.data());
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	ASSERT_EQ(topology.num_links, before + 1);
	EXPECT_EQ(links.back().source_id, source_.entityId());
	EXPECT_EQ(links.back().sink_id, capture_.entityId());
	EXPECT_EQ(links.back().flags, MEDIA_LNK_FL_ANCILLARY_LINK | MEDIA_LNK_FL_ENABLED |
					      MEDIA_LNK_FL_IMMUTABLE);

	/* The older call knows data links only. */
	media_entity_desc entity = {};
	entity.id = capture_.entityId();
	ASSERT_EQ(file_->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity), 0);
	EXPECT_EQ(entity.links, 0u);
}

} /* namespace */
