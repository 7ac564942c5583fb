/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Buffers: allocation, states, export and import
 */

#include "core_test.h"

#include <errno.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kCapture = V4L2_BUF_TYPE_VIDEO_CAPTURE;
constexpr v4l2_buf_type kOutput = V4L2_BUF_TYPE_VIDEO_OUTPUT;
constexpr v4l2_buf_type kPlanar = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;

class Buffers : public CoreTest
{
protected:
	void SetUp() override { file_ = open(capture_); }

	int exportBuffer(v4l2::OpenFile *file, v4l2_buf_type type, uint32_t index, uint32_t plane,
			 uint32_t flags, int *fd)
	{
		v4l2_exportbuffer request = {};
		request.type = type;
		request.index = index;
		request.plane = plane;
		request.flags = flags;
		int ret = file->ioctl(VIDIOC_EXPBUF, &request);
		*fd = request.fd;
		return ret;
	}

	int query(uint32_t index, v4l2_buffer *b)
	{
		*b = buffer(kCapture, index);
		return file_->ioctl(VIDIOC_QUERYBUF, b);
	}

	int remove(uint32_t index, uint32_t count, uint32_t type = kCapture)
	{
		v4l2_remove_buffers request = { .index = index, .count = count, .type = type, .reserved = {} };
		return file_->ioctl(VIDIOC_REMOVE_BUFS, &request);
	}

	int import(uint32_t index, int fd, uint32_t length = 0)
	{
		v4l2_buffer b = buffer(kCapture, index, V4L2_MEMORY_DMABUF);
		b.m.fd = fd;
		b.length = length;
		return file_->ioctl(VIDIOC_QBUF, &b);
	}

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(Buffers, Request)
{
	uint32_t count;
	EXPECT_EQ(request(file_.get(), kOutput, 1), -EINVAL);
	EXPECT_EQ(request(file_.get(), kCapture, 1, V4L2_MEMORY_USERPTR), -EINVAL);
	EXPECT_EQ(request(file_.get(), kCapture, 1, 0), -EINVAL);
	EXPECT_EQ(request(file_.get(), kCapture, 1000, V4L2_MEMORY_MMAP, &count), 0);
	EXPECT_EQ(count, 32u);
	EXPECT_EQ(request(file_.get(), kCapture, 3, V4L2_MEMORY_MMAP, &count), 0);
	EXPECT_EQ(count, 3u);
	EXPECT_TRUE(capture_.queue().busy());
	EXPECT_EQ(request(file_.get(), kCapture, 0), 0);
	EXPECT_FALSE(capture_.queue().busy());

	/* The driver's minimum and one more. */
	auto output = open(output_);
	EXPECT_EQ(request(output.get(), kOutput, 1, V4L2_MEMORY_MMAP, &count), 0);
	EXPECT_EQ(count, 3u);
}

TEST_F(Buffers, Capabilities)
{
	v4l2_requestbuffers request = {};
	request.type = kCapture;
	request.memory = V4L2_MEMORY_MMAP;
	memset(request.reserved, 0xff, sizeof(request.reserved));
	ASSERT_EQ(file_->ioctl(VIDIOC_REQBUFS, &request), 0);
	EXPECT_TRUE(request.capabilities & V4L2_BUF_CAP_SUPPORTS_MMAP);
	EXPECT_TRUE(request.capabilities & V4L2_BUF_CAP_SUPPORTS_DMABUF);
	EXPECT_FALSE(request.capabilities & V4L2_BUF_CAP_SUPPORTS_USERPTR);
	EXPECT_FALSE(request.capabilities & V4L2_BUF_CAP_SUPPORTS_REQUESTS);
	EXPECT_EQ(request.reserved[0], 0);
}

TEST_F(Buffers, OneOwner)
{
	auto other = open(capture_);
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	EXPECT_EQ(request(other.get(), kCapture, 2), -EBUSY);
	EXPECT_EQ(queue(other.get(), kCapture, 0), -EBUSY);
	EXPECT_EQ(on(other.get(), kCapture), -EBUSY);
	EXPECT_EQ(off(other.get(), kCapture), -EBUSY);
	int fd;
	EXPECT_EQ(exportBuffer(other.get(), kCapture, 0, 0, 0, &fd), -EBUSY);

	/* Anyone may look. */
	v4l2_buffer b = buffer(kCapture, 1);
	EXPECT_EQ(other->ioctl(VIDIOC_QUERYBUF, &b), 0);

	/* The end of the owner sets the queue free. */
	other->readinessChanged = nullptr;
	file_.reset();
	EXPECT_FALSE(capture_.queue().busy());
	EXPECT_EQ(request(other.get(), kCapture, 2), 0);
}

TEST_F(Buffers, QueryAndMap)
{
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);

	v4l2_buffer b;
	ASSERT_EQ(query(1, &b), 0);
	EXPECT_EQ(b.length, 64u * 48);
	EXPECT_EQ(b.flags, static_cast<uint32_t>(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC));
	EXPECT_EQ(query(2, &b), -EINVAL);

	ASSERT_EQ(query(1, &b), 0);
	int fd;
	uint64_t offset;
	EXPECT_EQ(file_->mmap(b.m.offset + 4096 * 3, 4096, &fd, &offset), -EINVAL);
	EXPECT_EQ(file_->mmap(b.m.offset, 8192, &fd, &offset), -EINVAL);
	ASSERT_EQ(file_->mmap(b.m.offset, b.length, &fd, &offset), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 4096);
	ASSERT_EQ(query(1, &b), 0);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_MAPPED);

	/* Nobody can take the memory away from under the others. */
	EXPECT_EQ(ftruncate(fd, 0), -1);
}

TEST_F(Buffers, Planes)
{
	auto file = open(planar_);
	ASSERT_EQ(request(file.get(), kPlanar, 2), 0);

	v4l2_plane planes[2] = {};
	v4l2_buffer b = buffer(kPlanar, 1);
	EXPECT_EQ(file->ioctl(VIDIOC_QUERYBUF, &b), -EINVAL);
	b.m.planes = planes;
	b.length = 1;
	EXPECT_EQ(file->ioctl(VIDIOC_QUERYBUF, &b), -EINVAL);
	b.length = 2;
	ASSERT_EQ(file->ioctl(VIDIOC_QUERYBUF, &b), 0);
	EXPECT_EQ(planes[0].length, 64u * 48);
	EXPECT_EQ(planes[1].length, 5000u);
	EXPECT_NE(planes[0].m.mem_offset, planes[1].m.mem_offset);

	int fd;
	EXPECT_EQ(exportBuffer(file.get(), kPlanar, 1, 2, 0, &fd), -EINVAL);
	ASSERT_EQ(exportBuffer(file.get(), kPlanar, 1, 1, 0, &fd), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 8192);
	close(fd);
}

TEST_F(Buffers, Create)
{
	v4l2_create_buffers create = {};
	create.memory = V4L2_MEMORY_MMAP;
	create.format.type = kCapture;
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), 0);
	EXPECT_EQ(create.index, 0u);
	EXPECT_EQ(create.max_num_buffers, 32u);

	create.count = 2;
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), -EINVAL);	/* sizeimage 0 */
	create.format.fmt.pix.sizeimage = 100;
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), -EINVAL);
	create.format.fmt.pix.sizeimage = 10000;
	ASSERT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), 0);
	EXPECT_EQ(create.index, 0u);
	ASSERT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), 0);
	EXPECT_EQ(create.index, 2u);
	EXPECT_EQ(capture_.queue().count(), 4u);

	create.memory = V4L2_MEMORY_DMABUF;
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), -EINVAL);
	create.memory = V4L2_MEMORY_MMAP;
	create.count = 100;
	ASSERT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), 0);
	EXPECT_EQ(create.count, 28u);
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), -ENOBUFS);
}

TEST_F(Buffers, Remove)
{
	ASSERT_EQ(request(file_.get(), kCapture, 4), 0);
	ASSERT_EQ(queue(file_.get(), kCapture, 2), 0);

	EXPECT_EQ(remove(1, 2), -EBUSY);
	EXPECT_EQ(remove(1, 4), -EINVAL);
	EXPECT_EQ(remove(1, 1), 0);
	EXPECT_EQ(remove(1, 1), -EINVAL);
	EXPECT_EQ(queue(file_.get(), kCapture, 1), -EINVAL);
	EXPECT_EQ(queue(file_.get(), kCapture, 3), 0);
	EXPECT_EQ(capture_.queue().count(), 3u);

	/* Nothing can always be removed, if the type is right. */
	EXPECT_EQ(remove(0xffffffff, 0), 0);
	EXPECT_EQ(remove(0, 0, kOutput), -EINVAL);
	EXPECT_EQ(remove(31, 0xffffffff), -EINVAL);
	auto second = open(capture_);
	v4l2_remove_buffers other = { .index = 0, .count = 1, .type = kCapture, .reserved = {} };
	EXPECT_EQ(second->ioctl(VIDIOC_REMOVE_BUFS, &other), -EBUSY);
}

TEST_F(Buffers, CreateFillsGaps)
{
	v4l2_create_buffers create = {};
	create.memory = V4L2_MEMORY_MMAP;
	create.format.type = kCapture;
	create.format.fmt.pix.sizeimage = 64 * 48;
	auto add = [&](uint32_t count) {
		create.count = count;
		return file_->ioctl(VIDIOC_CREATE_BUFS, &create);
	};

	ASSERT_EQ(add(31), 0);
	ASSERT_EQ(remove(4, 2), 0);
	ASSERT_EQ(remove(10, 3), 0);

	ASSERT_EQ(add(3), 0);
	EXPECT_EQ(create.index, 10u);
	ASSERT_EQ(add(1), 0);
	EXPECT_EQ(create.index, 4u);

	/* Index 5 and 31 are left, which is no row of two. */
	ASSERT_EQ(add(2), 0);
	EXPECT_EQ(create.count, 1u);
	EXPECT_EQ(create.index, 5u);
	ASSERT_EQ(add(1), 0);
	EXPECT_EQ(create.index, 31u);
	EXPECT_EQ(add(1), -ENOBUFS);
}

TEST_F(Buffers, Prepare)
{
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	v4l2_buffer b = buffer(kCapture, 0);
	ASSERT_EQ(file_->ioctl(VIDIOC_PREPARE_BUF, &b), 0);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_PREPARED);
	b = buffer(kCapture, 0);
	EXPECT_EQ(file_->ioctl(VIDIOC_PREPARE_BUF, &b), -EINVAL);
	EXPECT_EQ(queue(file_.get(), kCapture, 0), 0);
	ASSERT_EQ(query(0, &b), 0);
	EXPECT_FALSE(b.flags & V4L2_BUF_FLAG_PREPARED);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_QUEUED);
	EXPECT_EQ(queue(file_.get(), kCapture, 0), -EINVAL);

	/* STREAMOFF unprepares, even without STREAMON. */
	b = buffer(kCapture, 1);
	ASSERT_EQ(file_->ioctl(VIDIOC_PREPARE_BUF, &b), 0);
	ASSERT_EQ(off(file_.get(), kCapture), 0);
	ASSERT_EQ(query(1, &b), 0);
	EXPECT_FALSE(b.flags & (V4L2_BUF_FLAG_PREPARED | V4L2_BUF_FLAG_QUEUED));
	ASSERT_EQ(query(0, &b), 0);
	EXPECT_FALSE(b.flags & V4L2_BUF_FLAG_QUEUED);
}

TEST_F(Buffers, QueueErrors)
{
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	EXPECT_EQ(queue(file_.get(), kOutput, 0), -EINVAL);
	EXPECT_EQ(queue(file_.get(), kCapture, 2), -EINVAL);
	v4l2_buffer b = buffer(kCapture, 0, V4L2_MEMORY_DMABUF);
	EXPECT_EQ(file_->ioctl(VIDIOC_QBUF, &b), -EINVAL);
	b = buffer(kCapture, 0);
	b.flags = V4L2_BUF_FLAG_REQUEST_FD;
	EXPECT_EQ(file_->ioctl(VIDIOC_QBUF, &b), -EBADR);

	/* The driver's refusal changes nothing. */
	capture_.prepareError = -EINVAL;
	EXPECT_EQ(queue(file_.get(), kCapture, 0), -EINVAL);
	ASSERT_EQ(query(0, &b), 0);
	EXPECT_FALSE(b.flags & V4L2_BUF_FLAG_QUEUED);
	capture_.prepareError = 0;
	EXPECT_EQ(queue(file_.get(), kCapture, 0), 0);
}

TEST_F(Buffers, OutputPayload)
{
	auto file = open(output_);
	ASSERT_EQ(request(file.get(), kOutput, 3), 0);

	v4l2_buffer b = buffer(kOutput, 0);
	b.bytesused = 64 * 48 + 1;
	EXPECT_EQ(file->ioctl(VIDIOC_QBUF, &b), -EINVAL);
	b.bytesused = 10;
	b.field = V4L2_FIELD_ALTERNATE;
	EXPECT_EQ(file->ioctl(VIDIOC_QBUF, &b), -EINVAL);
	b.field = V4L2_FIELD_NONE;
	b.timestamp.tv_sec = 12;
	ASSERT_EQ(file->ioctl(VIDIOC_QBUF, &b), 0);
	b = buffer(kOutput, 1);
	ASSERT_EQ(file->ioctl(VIDIOC_QBUF, &b), 0);
	ASSERT_EQ(on(file.get(), kOutput), 0);

	ASSERT_EQ(output_.owned.size(), 2u);
	EXPECT_EQ(output_.owned[0]->payload(0).size(), 10u);
	EXPECT_EQ(output_.owned[0]->timestamp, 12000000000u);
	/* 0 stands for all of the buffer. */
	EXPECT_EQ(output_.owned[1]->payload(0).size(), 64u * 48);
}

TEST_F(Buffers, Export)
{
	int fd;
	ASSERT_EQ(request(file_.get(), kCapture, 1, V4L2_MEMORY_DMABUF), 0);
	EXPECT_EQ(exportBuffer(file_.get(), kCapture, 0, 0, 0, &fd), -EINVAL);

	ASSERT_EQ(request(file_.get(), kCapture, 1), 0);
	EXPECT_EQ(exportBuffer(file_.get(), kCapture, 1, 0, 0, &fd), -EINVAL);
	EXPECT_EQ(exportBuffer(file_.get(), kCapture, 0, 1, 0, &fd), -EINVAL);
	EXPECT_EQ(exportBuffer(file_.get(), kOutput, 0, 0, 0, &fd), -EINVAL);
	EXPECT_EQ(exportBuffer(file_.get(), kCapture, 0, 0, O_APPEND, &fd), -EINVAL);

	ASSERT_EQ(exportBuffer(file_.get(), kCapture, 0, 0, O_CLOEXEC | O_RDWR, &fd), 0);
	void *memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(memory, MAP_FAILED);
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	capture_.owned[0]->memory(0)[17] = 99;
	EXPECT_EQ(static_cast<uint8_t *>(memory)[17], 99);

	/* The memory lives as long as somebody has it. */
	file_.reset();
	EXPECT_EQ(static_cast<uint8_t *>(memory)[17], 99);
	munmap(memory, 4096);
	close(fd);

	auto file = open(capture_);
	ASSERT_EQ(request(file.get(), kCapture, 1), 0);
	ASSERT_EQ(exportBuffer(file.get(), kCapture, 0, 0, O_RDONLY, &fd), 0);
	EXPECT_EQ(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
}

TEST_F(Buffers, Import)
{
	auto output = open(output_);
	ASSERT_EQ(request(output.get(), kOutput, 3), 0);
	int fd;
	ASSERT_EQ(exportBuffer(output.get(), kOutput, 0, 0, O_RDWR, &fd), 0);

	ASSERT_EQ(request(file_.get(), kCapture, 4, V4L2_MEMORY_DMABUF), 0);
	EXPECT_EQ(import(0, -1), -EINVAL);
	EXPECT_EQ(import(0, fd, 100), -EINVAL);
	EXPECT_EQ(import(0, fd, 1 << 20), -EINVAL);
	EXPECT_EQ(import(0, fd), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	capture_.owned[0]->memory(0)[5] = 77;

	void *memory = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(memory, MAP_FAILED);
	EXPECT_EQ(static_cast<uint8_t *>(memory)[5], 77);
	munmap(memory, 4096);
	close(fd);

	/* Memory that could vanish under the device is no buffer. */
	int small = memfd_create("small", MFD_ALLOW_SEALING);
	ASSERT_EQ(ftruncate(small, 1000), 0);
	EXPECT_EQ(import(1, small), -EINVAL);
	ASSERT_EQ(ftruncate(small, 4096), 0);
	EXPECT_EQ(import(1, small), 0);
	EXPECT_EQ(ftruncate(small, 100), -1);
	close(small);

	int unsealable = memfd_create("unsealable", 0);
	ASSERT_EQ(ftruncate(unsealable, 4096), 0);
	EXPECT_EQ(import(2, unsealable), -EINVAL);
	close(unsealable);

	int pipes[2];
	ASSERT_EQ(pipe(pipes), 0);
	EXPECT_EQ(import(3, pipes[0]), -EINVAL);
	close(pipes[0]);
	close(pipes[1]);
}

/* As many and as large buffers as one likes are not to be had. */
TEST_F(Buffers, BudgetOfAllocation)
{
	v4l2_create_buffers create = {};
	create.memory = V4L2_MEMORY_MMAP;
	create.format.type = kCapture;
	create.count = 32;
	create.format.fmt.pix.sizeimage = 0xffffffff;
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), -ENOMEM);
	EXPECT_EQ(capture_.queue().count(), 0u);

	/* Large ones come as far as the budget goes, and are not touched. */
	create.format.fmt.pix.sizeimage = 256 << 20;
	const int ret = file_->ioctl(VIDIOC_CREATE_BUFS, &create);
	EXPECT_LE(capture_.queue().count(), 8u);
	EXPECT_EQ(ret, capture_.queue().count() ? 0 : -ENOMEM);
	const unsigned int before = capture_.queue().count();

	/* What was given back is there for the next. */
	ASSERT_EQ(request(file_.get(), kCapture, 0), 0);
	create.count = 32;
	EXPECT_EQ(file_->ioctl(VIDIOC_CREATE_BUFS, &create), ret);
	EXPECT_EQ(capture_.queue().count(), before);
}

TEST_F(Buffers, BudgetOfImport)
{
	int huge = memfd_create("huge", MFD_ALLOW_SEALING);
	ASSERT_EQ(ftruncate(huge, off_t{ 1 } << 40), 0);

	ASSERT_EQ(request(file_.get(), kCapture, 4, V4L2_MEMORY_DMABUF), 0);
	EXPECT_EQ(import(0, huge), -ENOMEM);
	EXPECT_EQ(import(0, huge, 0xfffff000), -ENOMEM);
	EXPECT_EQ(import(0, huge, 4096), 0);
	close(huge);
}

/* A hole in huge pages can be left without a page: such memory is refused. */
TEST_F(Buffers, ImportOfHugePages)
{
	int fd = memfd_create("huge-pages", MFD_ALLOW_SEALING | MFD_HUGETLB);
	if (fd < 0)
		GTEST_SKIP() << "the kernel has no huge pages: " << strerror(errno);

	ASSERT_EQ(ftruncate(fd, 2 << 20), 0);
	ASSERT_EQ(request(file_.get(), kCapture, 4, V4L2_MEMORY_DMABUF), 0);
	EXPECT_EQ(import(0, fd), -EINVAL);
	close(fd);
}

TEST(BufferBudget, AccountsAndParents)
{
	v4l2::BufferBudget all(100);
	v4l2::BufferBudget one(60, &all);
	v4l2::BufferBudget other(60, &all);

	EXPECT_FALSE(one.take(61));
	EXPECT_TRUE(one.take(60));
	EXPECT_FALSE(one.take(1));
	EXPECT_FALSE(other.take(41));
	EXPECT_TRUE(other.take(40));
	one.give(10);
	EXPECT_TRUE(other.take(10));
	EXPECT_FALSE(one.take(1));
	other.give(50);
	EXPECT_TRUE(one.take(10));
}

} /* namespace */
