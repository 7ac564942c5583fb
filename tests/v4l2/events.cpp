/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Events: subscriptions, overflow, feedback
 */

#include "core_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class Events : public CoreTest
{
protected:
	void SetUp() override { file_ = open(source_); }

	static int subscribe(v4l2::OpenFile *file, uint32_t type, uint32_t id, uint32_t flags = 0)
	{
		v4l2_event_subscription subscription = {};
		subscription.type = type;
		subscription.id = id;
		subscription.flags = flags;
		return file->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription);
	}

	static int unsubscribe(v4l2::OpenFile *file, uint32_t type, uint32_t id)
	{
		v4l2_event_subscription subscription = {};
		subscription.type = type;
		subscription.id = id;
		return file->ioctl(VIDIOC_UNSUBSCRIBE_EVENT, &subscription);
	}

	static int dequeue(v4l2::OpenFile *file, v4l2_event *event)
	{
		return file->ioctl(VIDIOC_DQEVENT, event);
	}

	static int setExposure(v4l2::OpenFile *file, int32_t value)
	{
		v4l2_control control = { V4L2_CID_EXPOSURE, value };
		return file->ioctl(VIDIOC_S_CTRL, &control);
	}

	void frameSync(uint32_t sequence)
	{
		v4l2_event event = {};
		event.type = V4L2_EVENT_FRAME_SYNC;
		event.u.frame_sync.frame_sequence = sequence;
		source_.sendEvent(event);
	}

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(Events, Subscribe)
{
	EXPECT_EQ(subscribe(file_.get(), V4L2_EVENT_ALL, 0), -EINVAL);
	EXPECT_EQ(subscribe(file_.get(), V4L2_EVENT_EOS, 0), -EINVAL);
	EXPECT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_CONTRAST), -EINVAL);
	EXPECT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE), 0);
	EXPECT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE), 0);
	EXPECT_EQ(unsubscribe(file_.get(), V4L2_EVENT_FRAME_SYNC, 0), 0);

	v4l2_event event;
	EXPECT_EQ(dequeue(file_.get(), &event), -EAGAIN);
	EXPECT_EQ(file_->poll(), 0u);
}

/* A full queue loses its oldest event, and the sequence shows it. */
TEST_F(Events, Overflow)
{
	unsigned int notified = 0;
	file_->readinessChanged = [&]() { notified++; };
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_FRAME_SYNC, 0), 0);
	for (uint32_t n = 0; n < 5; n++)
		frameSync(n);

	EXPECT_EQ(notified, 5u);
	EXPECT_EQ(file_->poll(), static_cast<unsigned int>(POLLPRI));
	for (uint32_t n = 2; n < 5; n++) {
		v4l2_event event = {};
		ASSERT_EQ(dequeue(file_.get(), &event), 0);
		EXPECT_EQ(event.u.frame_sync.frame_sequence, n);
		EXPECT_EQ(event.sequence, n + 1);
		EXPECT_EQ(event.pending, 4 - n);
		EXPECT_GT(event.timestamp.tv_sec + event.timestamp.tv_nsec, 0);
	}
	EXPECT_EQ(file_->poll(), 0u);
}

TEST_F(Events, UnsubscribeDropsPending)
{
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_FRAME_SYNC, 0), 0);
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE, V4L2_EVENT_SUB_FL_SEND_INITIAL), 0);
	frameSync(1);
	ASSERT_EQ(unsubscribe(file_.get(), V4L2_EVENT_FRAME_SYNC, 0), 0);

	v4l2_event event;
	ASSERT_EQ(dequeue(file_.get(), &event), 0);
	EXPECT_EQ(event.type, static_cast<uint32_t>(V4L2_EVENT_CTRL));
	EXPECT_EQ(event.pending, 0u);

	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_FRAME_SYNC, 0), 0);
	frameSync(2);
	ASSERT_EQ(unsubscribe(file_.get(), V4L2_EVENT_ALL, 0), 0);
	EXPECT_EQ(dequeue(file_.get(), &event), -EAGAIN);
	frameSync(3);
	EXPECT_EQ(dequeue(file_.get(), &event), -EAGAIN);
}

TEST_F(Events, InitialState)
{
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE, V4L2_EVENT_SUB_FL_SEND_INITIAL), 0);

	v4l2_event event;
	ASSERT_EQ(dequeue(file_.get(), &event), 0);
	EXPECT_EQ(event.u.ctrl.changes, static_cast<uint32_t>(V4L2_EVENT_CTRL_CH_VALUE | V4L2_EVENT_CTRL_CH_FLAGS));
	EXPECT_EQ(event.u.ctrl.value, 50);
	EXPECT_EQ(event.u.ctrl.minimum, 10);
	EXPECT_EQ(event.u.ctrl.maximum, 100);
	EXPECT_EQ(event.u.ctrl.step, 5);
	EXPECT_EQ(event.u.ctrl.default_value, 50);

	/* Subscribing again sends nothing. */
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE, V4L2_EVENT_SUB_FL_SEND_INITIAL), 0);
	EXPECT_EQ(dequeue(file_.get(), &event), -EAGAIN);
}

/* One's own changes come back only when asked for. */
TEST_F(Events, Feedback)
{
	auto other = open(source_);
	auto curious = open(source_);
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE), 0);
	ASSERT_EQ(subscribe(other.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE), 0);
	ASSERT_EQ(subscribe(curious.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE, V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK), 0);

	ASSERT_EQ(setExposure(file_.get(), 60), 0);
	v4l2_event event;
	EXPECT_EQ(dequeue(file_.get(), &event), -EAGAIN);
	ASSERT_EQ(dequeue(other.get(), &event), 0);
	EXPECT_EQ(event.u.ctrl.changes, static_cast<uint32_t>(V4L2_EVENT_CTRL_CH_VALUE));
	EXPECT_EQ(event.u.ctrl.value, 60);
	ASSERT_EQ(dequeue(curious.get(), &event), 0);

	ASSERT_EQ(setExposure(curious.get(), 65), 0);
	EXPECT_EQ(dequeue(curious.get(), &event), 0);
	EXPECT_EQ(dequeue(file_.get(), &event), 0);

	/* No change, no event. */
	ASSERT_EQ(setExposure(file_.get(), 65), 0);
	EXPECT_EQ(dequeue(curious.get(), &event), -EAGAIN);
}

/* The newest event replaces an unread one, and tells of all that has changed. */
TEST_F(Events, ReplaceKeepsChanges)
{
	ASSERT_EQ(subscribe(file_.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE), 0);
	source_.exposure->setValue(60);
	source_.exposure->modifyRange(10, 200, 1, 50);

	v4l2_event event;
	ASSERT_EQ(dequeue(file_.get(), &event), 0);
	EXPECT_EQ(event.u.ctrl.changes, static_cast<uint32_t>(V4L2_EVENT_CTRL_CH_VALUE | V4L2_EVENT_CTRL_CH_RANGE));
	EXPECT_EQ(event.u.ctrl.maximum, 200);
	EXPECT_EQ(event.u.ctrl.value, 60);
	EXPECT_EQ(event.sequence, 2u);
	EXPECT_EQ(dequeue(file_.get(), &event), -EAGAIN);
}

/* Nodes without controls have no events at all. */
TEST_F(Events, NodesWithoutEvents)
{
	auto capture = open(capture_);
	v4l2_event event;
	EXPECT_EQ(dequeue(capture.get(), &event), -ENOTTY);
	EXPECT_EQ(subscribe(capture.get(), V4L2_EVENT_CTRL, V4L2_CID_EXPOSURE), -ENOTTY);
	v4l2_queryctrl query = {};
	EXPECT_EQ(capture->ioctl(VIDIOC_QUERYCTRL, &query), -ENOTTY);
}

} /* namespace */
