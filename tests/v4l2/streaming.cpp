/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Streaming: start, stop, completion, readiness
 */

#include "core_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kCapture = V4L2_BUF_TYPE_VIDEO_CAPTURE;
constexpr v4l2_buf_type kOutput = V4L2_BUF_TYPE_VIDEO_OUTPUT;
constexpr v4l2_buf_type kPlanar = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;

class Streaming : public CoreTest
{
protected:
	void SetUp() override { file_ = open(capture_); }

	int dequeue(v4l2_buffer *b)
	{
		*b = buffer(kCapture);
		return file_->ioctl(VIDIOC_DQBUF, b);
	}

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(Streaming, StartErrors)
{
	EXPECT_EQ(on(file_.get(), kCapture), -EINVAL);	/* no buffers */
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	EXPECT_EQ(on(file_.get(), kOutput), -EINVAL);

	/* The driver's failure leaves the queue as it was. */
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	capture_.startError = -EIO;
	EXPECT_EQ(on(file_.get(), kCapture), -EIO);
	EXPECT_FALSE(source_.streaming());
	v4l2_buffer b = buffer(kCapture, 0);
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYBUF, &b), 0);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_QUEUED);

	capture_.startError = 0;
	EXPECT_EQ(on(file_.get(), kCapture), 0);
	EXPECT_EQ(on(file_.get(), kCapture), 0);
	EXPECT_EQ(capture_.starts, 2u);
	EXPECT_EQ(capture_.owned.size(), 1u);
	EXPECT_TRUE(source_.streaming());
}

TEST_F(Streaming, LinkValidation)
{
	v4l2_format format = {};
	format.type = kCapture;
	format.fmt.pix.width = 128;
	ASSERT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), 0);
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	EXPECT_EQ(on(file_.get(), kCapture), -EPIPE);
	EXPECT_EQ(capture_.starts, 0u);
	EXPECT_FALSE(source_.streaming());
}

TEST_F(Streaming, WaitsForEnoughBuffers)
{
	auto file = open(output_);
	ASSERT_EQ(request(file.get(), kOutput, 4), 0);
	ASSERT_EQ(queue(file.get(), kOutput, 0), 0);
	ASSERT_EQ(on(file.get(), kOutput), 0);
	EXPECT_EQ(output_.starts, 0u);
	ASSERT_EQ(queue(file.get(), kOutput, 1), 0);
	EXPECT_EQ(output_.starts, 1u);
	EXPECT_EQ(output_.owned.size(), 2u);
}

TEST_F(Streaming, Complete)
{
	ASSERT_EQ(request(file_.get(), kCapture, 3), 0);
	for (uint32_t i : { 2, 0, 1 })
		ASSERT_EQ(queue(file_.get(), kCapture, i), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);

	v4l2_buffer b;
	EXPECT_EQ(dequeue(&b), -EAGAIN);

	ASSERT_TRUE(capture_.finish(v4l2::BufferState::Done, 41));
	b = buffer(kCapture, 2);
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYBUF, &b), 0);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_DONE);

	ASSERT_EQ(dequeue(&b), 0);
	EXPECT_EQ(b.index, 2u);
	EXPECT_EQ(b.sequence, 41u);
	EXPECT_EQ(b.bytesused, 100u);
	EXPECT_EQ(b.field, static_cast<uint32_t>(V4L2_FIELD_NONE));
	EXPECT_EQ(b.timestamp.tv_sec, 5);
	EXPECT_EQ(b.timestamp.tv_usec, 1);
	EXPECT_EQ(b.flags, static_cast<uint32_t>(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC));

	ASSERT_TRUE(capture_.finish(v4l2::BufferState::Error));
	ASSERT_EQ(dequeue(&b), 0);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_ERROR);
	EXPECT_EQ(b.index, 0u);

	/* The bytes used of the last round are gone when it is queued again. */
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	b = buffer(kCapture, 0);
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYBUF, &b), 0);
	EXPECT_EQ(b.bytesused, 0u);
}

TEST_F(Streaming, Poll)
{
	constexpr unsigned int error = POLLERR;
	EXPECT_EQ(file_->poll(), error);
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	EXPECT_EQ(file_->poll(), error);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	EXPECT_EQ(file_->poll(), error);	/* nothing was ever queued */
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	EXPECT_EQ(file_->poll(), 0u);

	unsigned int notified = 0;
	file_->readinessChanged = [&]() { notified++; };
	capture_.finish();
	EXPECT_EQ(notified, 1u);
	EXPECT_EQ(file_->poll(), static_cast<unsigned int>(POLLIN));

	v4l2_buffer b;
	ASSERT_EQ(dequeue(&b), 0);
	EXPECT_EQ(file_->poll(), 0u);
	ASSERT_EQ(off(file_.get(), kCapture), 0);
	EXPECT_EQ(file_->poll(), error);

	auto output = open(output_);
	ASSERT_EQ(request(output.get(), kOutput, 3), 0);
	ASSERT_EQ(on(output.get(), kOutput), 0);
	EXPECT_EQ(output->poll(), 0u);
	ASSERT_EQ(queue(output.get(), kOutput, 0), 0);
	ASSERT_EQ(queue(output.get(), kOutput, 1), 0);
	output_.finish();
	EXPECT_EQ(output->poll(), static_cast<unsigned int>(POLLOUT));
}

TEST_F(Streaming, LastBuffer)
{
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	capture_.last = true;
	capture_.finish();

	v4l2_buffer b;
	ASSERT_EQ(dequeue(&b), 0);
	EXPECT_TRUE(b.flags & V4L2_BUF_FLAG_LAST);
	EXPECT_EQ(dequeue(&b), -EPIPE);
	EXPECT_EQ(file_->poll(), static_cast<unsigned int>(POLLIN));
	ASSERT_EQ(off(file_.get(), kCapture), 0);
	EXPECT_EQ(dequeue(&b), -EINVAL);
}

TEST_F(Streaming, QueueError)
{
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	capture_.queue().setError();

	v4l2_buffer b;
	EXPECT_EQ(dequeue(&b), -EIO);
	EXPECT_EQ(queue(file_.get(), kCapture, 1), -EIO);
	EXPECT_EQ(file_->poll(), static_cast<unsigned int>(POLLERR));
	ASSERT_EQ(off(file_.get(), kCapture), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	EXPECT_EQ(queue(file_.get(), kCapture, 1), 0);
}

TEST_F(Streaming, StopReturnsEverything)
{
	ASSERT_EQ(request(file_.get(), kCapture, 4), 0);
	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(queue(file_.get(), kCapture, i), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	capture_.finish();

	EXPECT_EQ(request(file_.get(), kCapture, 0), -EBUSY);
	ASSERT_EQ(off(file_.get(), kCapture), 0);
	EXPECT_EQ(capture_.stops, 1u);
	EXPECT_TRUE(capture_.owned.empty());
	for (uint32_t i = 0; i < 4; i++) {
		v4l2_buffer b = buffer(kCapture, i);
		ASSERT_EQ(file_->ioctl(VIDIOC_QUERYBUF, &b), 0);
		EXPECT_EQ(b.flags, static_cast<uint32_t>(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC));
		ASSERT_EQ(queue(file_.get(), kCapture, i), 0);
	}
	EXPECT_EQ(on(file_.get(), kCapture), 0);
}

TEST_F(Streaming, CloseStops)
{
	ASSERT_EQ(request(file_.get(), kCapture, 2), 0);
	ASSERT_EQ(queue(file_.get(), kCapture, 0), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	file_.reset();
	EXPECT_EQ(capture_.stops, 1u);
	EXPECT_FALSE(capture_.queue().busy());
	EXPECT_FALSE(source_.streaming());
}

/* A pipeline that is shared stays up until its last queue stops. */
TEST_F(Streaming, SharedPipeline)
{
	auto media = open(media_);
	media_link_desc link = {};
	link.source.entity = source_.entityId();
	link.source.index = 1;
	link.sink.entity = planar_.entityId();
	link.flags = MEDIA_LNK_FL_ENABLED;
	ASSERT_EQ(media->ioctl(MEDIA_IOC_SETUP_LINK, &link), 0);

	auto planar = open(planar_);
	ASSERT_EQ(request(planar.get(), kPlanar, 1), 0);
	ASSERT_EQ(request(file_.get(), kCapture, 1), 0);
	ASSERT_EQ(on(planar.get(), kPlanar), 0);
	ASSERT_EQ(on(file_.get(), kCapture), 0);
	ASSERT_EQ(off(planar.get(), kPlanar), 0);
	EXPECT_TRUE(source_.streaming());
	link.flags = 0;
	EXPECT_EQ(media->ioctl(MEDIA_IOC_SETUP_LINK, &link), -EBUSY);
	ASSERT_EQ(off(file_.get(), kCapture), 0);
	EXPECT_FALSE(source_.streaming());
	EXPECT_EQ(media->ioctl(MEDIA_IOC_SETUP_LINK, &link), 0);
}

TEST_F(Streaming, MissingPlanesLoseNothing)
{
	auto planar = open(planar_);
	ASSERT_EQ(request(planar.get(), kPlanar, 1), 0);
	v4l2_plane planes[2] = {};
	v4l2_buffer b = buffer(kPlanar, 0);
	b.m.planes = planes;
	b.length = 2;
	ASSERT_EQ(planar->ioctl(VIDIOC_QBUF, &b), 0);
	ASSERT_EQ(on(planar.get(), kPlanar), 0);
	planar_.finish();

	b.length = 1;
	EXPECT_EQ(planar->ioctl(VIDIOC_DQBUF, &b), -EINVAL);
	b.length = 2;
	EXPECT_EQ(planar->ioctl(VIDIOC_DQBUF, &b), 0);
	EXPECT_EQ(planes[0].bytesused, 100u);
}

} /* namespace */
