/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Small device behind the transport, for tests: it does what it is told by
 * controls, and keeps no rule of V4L2
 */

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "isp_sim/server/owned_fd.h"
#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"

namespace fovea::test {

/* Controls of every node. */
enum FakeControl : unsigned int {
	kSetPoll = 1,		/* poll() of this open file is the value */
	kSetPollLater = 2,	/* so after kDelay, reported by readinessChanged */
	kOpenFiles = 3,		/* open files of the hardware, read */
	kAddPollLater = 4,	/* add to poll() after kDelay */
	kScalar = 5,		/* the one that VIDIOC_QUERY_EXT_CTRL knows as a number */
};

constexpr std::chrono::milliseconds kDelay{ 50 };
constexpr size_t kFakeMemorySize = 65536;
constexpr unsigned int kFakeEntities = 2000;
constexpr unsigned int kFakePads = 3;
constexpr unsigned int kFakeLinks = 2;
constexpr unsigned int kFakeMediaMajor = 510;

class FakeFile;

class FakeHardware : public v4l2::Hardware
{
public:
	explicit FakeHardware(v4l2::EventLoop *loop);
	~FakeHardware();

	std::string sysfsPath() const override { return "platform/fake-isp"; }
	std::string driver() const override { return "fake-isp"; }
	const std::vector<v4l2::DeviceNode *> &nodes() const override { return pointers_; }
	void unregister() override;

	v4l2::EventLoop *loop() const { return loop_; }
	int memory() const { return memory_.get(); }
	int openFiles = 0;

private:
	class Node;
	friend class FakeFile;

	v4l2::EventLoop *loop_;
	OwnedFd memory_;
	std::vector<FakeFile *> files_;
	std::vector<std::unique_ptr<Node>> nodes_;
	std::vector<v4l2::DeviceNode *> pointers_;
};

} /* namespace fovea::test */
