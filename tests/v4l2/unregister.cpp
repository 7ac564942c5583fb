/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Open files whose device is unregistered, and the numbers of nodes
 */

#include "core_test.h"

#include <errno.h>
#include <sys/mman.h>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kCapture = V4L2_BUF_TYPE_VIDEO_CAPTURE;
constexpr unsigned int kGone = POLLERR | POLLHUP | POLLPRI;

class Unregister : public CoreTest
{
};

TEST_F(Unregister, EveryCallFails)
{
	auto video = open(capture_);
	auto subdevice = open(source_);
	auto media = open(media_);
	media_.unregister();

	for (unsigned long request : { static_cast<unsigned long>(VIDIOC_QUERYCAP), static_cast<unsigned long>(VIDIOC_G_FMT),
				       static_cast<unsigned long>(VIDIOC_DQBUF), static_cast<unsigned long>(VIDIOC_DQEVENT), 12345UL }) {
		EXPECT_EQ(video->ioctl(request, nullptr), -ENODEV);
		EXPECT_EQ(subdevice->ioctl(request, nullptr), -ENODEV);
		EXPECT_EQ(media->ioctl(request, nullptr), -EIO);
	}

	int fd = -1;
	uint64_t offset = 0;
	EXPECT_EQ(video->mmap(0, 4096, &fd, &offset), -ENODEV);
	EXPECT_EQ(video->poll(), kGone);
	EXPECT_EQ(subdevice->poll(), kGone);
	EXPECT_EQ(media->poll(), static_cast<unsigned int>(POLLERR | POLLHUP));
}

TEST_F(Unregister, StreamStopsAndMemoryStays)
{
	auto file = open(capture_);
	ASSERT_EQ(request(file.get(), kCapture, 2), 0);
	ASSERT_EQ(queue(file.get(), kCapture, 0), 0);
	ASSERT_EQ(queue(file.get(), kCapture, 1), 0);

	int fd = -1;
	uint64_t offset = 0;
	ASSERT_EQ(file->mmap(0, 64 * 48, &fd, &offset), 0);
	auto *memory = static_cast<uint8_t *>(mmap(nullptr, 64 * 48, PROT_READ | PROT_WRITE,
						   MAP_SHARED, fd, 0));
	ASSERT_NE(memory, MAP_FAILED);

	ASSERT_EQ(on(file.get(), kCapture), 0);
	ASSERT_EQ(capture_.owned.size(), 2u);
	unsigned int told = 0;
	file->readinessChanged = [&]() { told++; };
	media_.unregister();

	EXPECT_EQ(capture_.stops, 1u);
	EXPECT_TRUE(capture_.owned.empty());
	EXPECT_FALSE(capture_.queue().streaming());
	EXPECT_EQ(capture_.queue().count(), 0u);
	EXPECT_FALSE(capture_.streaming());
	EXPECT_GE(told, 1u);

	memory[64 * 48 - 1] = 7;
	EXPECT_EQ(memory[64 * 48 - 1], 7);
	munmap(memory, 64 * 48);
}

TEST_F(Unregister, PriorityGoesWithTheFile)
{
	auto file = open(capture_);
	uint32_t priority = V4L2_PRIORITY_RECORD;
	ASSERT_EQ(file->ioctl(VIDIOC_S_PRIORITY, &priority), 0);
	ASSERT_EQ(media_.maxPriority(), V4L2_PRIORITY_RECORD);

	media_.unregister();
	EXPECT_EQ(media_.maxPriority(), V4L2_PRIORITY_UNSET);
	file.reset();
	EXPECT_EQ(media_.maxPriority(), V4L2_PRIORITY_UNSET);
}

/* The files live on without their device, and are closed at last. */
TEST(UnregisterDevice, FilesOutliveTheDevice)
{
	std::unique_ptr<v4l2::OpenFile> files[3];
	{
		v4l2::MediaDevice media({ "test", "Test device", "", "platform:test", 0 });
		Source source(&media);
		TestNode node(&media, "node", kCapture);
		ASSERT_EQ(media.open(0, &files[0]), 0);
		ASSERT_EQ(source.open(0, &files[1]), 0);
		ASSERT_EQ(node.open(0, &files[2]), 0);
		media.unregister();
	}

	for (const auto &file : files)
		EXPECT_LT(file->ioctl(VIDIOC_QUERYCAP, nullptr), 0);
}

/* A file that is told of the end may be closed by the one who hears it. */
TEST_F(Unregister, FilesMayCloseMeanwhile)
{
	auto first = open(capture_);
	auto second = open(source_);
	first->readinessChanged = [&]() { second.reset(); };
	second->readinessChanged = [&]() { first.reset(); };
	media_.unregister();
	EXPECT_NE(!first, !second);
}

/* Numbers are free when the device and the last of its files are gone. */
TEST(NodeNumbers, StayInUseWithOpenFiles)
{
	const v4l2::MediaDeviceInfo info{ "test", "Test device", "", "platform:test", 0 };
	const auto numbers = std::make_shared<v4l2::NodeNumbers>();
	std::unique_ptr<v4l2::OpenFile> held;
	{
		v4l2::MediaDevice media(info, numbers);
		TestNode first(&media, "first", kCapture);
		TestNode second(&media, "second", kCapture);
		EXPECT_EQ(media.name(), "media0");
		EXPECT_EQ(second.name(), "video1");
		EXPECT_EQ(second.minor(), 1u);
		ASSERT_EQ(first.open(0, &held), 0);
		media.unregister();
	}
	{
		v4l2::MediaDevice media(info, numbers);
		TestNode first(&media, "first", kCapture);
		Source source(&media);
		TestNode second(&media, "second", kCapture);
		EXPECT_EQ(media.name(), "media0");
		EXPECT_EQ(first.name(), "video1");
		EXPECT_EQ(source.name(), "v4l-subdev0");
		EXPECT_EQ(source.minor(), 2u);
		EXPECT_EQ(second.name(), "video2");
		EXPECT_EQ(second.minor(), 3u);
	}

	held.reset();
	v4l2::MediaDevice media(info, numbers);
	TestNode node(&media, "node", kCapture);
	EXPECT_EQ(node.name(), "video0");
	EXPECT_EQ(node.minor(), 0u);
}

TEST(NodeNumbers, DevicesShareThem)
{
	const auto numbers = std::make_shared<v4l2::NodeNumbers>();
	v4l2::MediaDevice first({ "a", "a", "", "platform:a", 0 }, numbers);
	v4l2::MediaDevice second({ "b", "b", "", "platform:b", 0 }, numbers);
	TestNode node(&first, "node", kCapture);
	TestNode other(&second, "other", kCapture);

	EXPECT_EQ(second.name(), "media1");
	EXPECT_EQ(second.minor(), 1u);
	EXPECT_EQ(other.name(), "video1");
}

} /* namespace */
