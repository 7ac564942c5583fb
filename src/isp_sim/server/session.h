/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Open file of a client: the carrier and its readiness
 */

#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <stdint.h>
#include <string>
#include <sys/types.h>
#include <utility>

#include <linux/videodev2.h>

#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"

#include "owned_fd.h"
#include "protocol.h"

namespace fovea::server {

/* A client's descriptors of the planes of a buffer. */
using DmabufNumbers = std::array<int32_t, VIDEO_MAX_PLANES>;

uint64_t socketCookie(int fd);

class Session
{
public:
	Session(v4l2::EventLoop *loop, uint64_t handle, const v4l2::DeviceNode &node, int flags,
		pid_t process);
	~Session();

	/* \a closed is called, once, when the client's last descriptor is gone. */
	int open(v4l2::DeviceNode *node, std::function<void()> closed);

	uint64_t handle() const { return handle_; }
	uint64_t cookie() const { return cookie_; }
	const std::string &name() const { return name_; }
	unsigned int major() const { return major_; }
	unsigned int minor() const { return minor_; }
	int flags() const { return flags_; }

	/* Who opened it; others may use it today. */
	pid_t process() const { return process_; }

	v4l2::OpenFile *file() const { return file_.get(); }
	int readinessFd(unsigned int kind) const { return ready_[kind].get(); }

	/* The client's end, for the reply to open(); the caller becomes its owner. */
	OwnedFd takeClientEnd() { return std::move(clientEnd_); }

	void updateReadiness(bool again);

	void rememberDmabufs(const v4l2_buffer &buffer, const DmabufNumbers &numbers);
	void restoreDmabufs(v4l2_buffer *buffer, unsigned int planes) const;

private:
	using BufferKey = std::pair<uint32_t, uint32_t>;	/* type, index */

	int createCarrier();
	void hangUp();
	bool clientGone() const;
	void signal(unsigned int kind, bool ready, bool again);

	v4l2::EventLoop *loop_;
	uint64_t handle_;
	uint64_t cookie_ = 0;
	std::string name_;
	unsigned int major_;
	unsigned int minor_;
	int flags_;
	pid_t process_;
	OwnedFd carrier_;
	bool hungUp_ = false;
	OwnedFd clientEnd_;
	std::array<OwnedFd, transport::kReadyCount> ready_;
	std::array<bool, transport::kReadyCount> signalled_{};
	std::map<BufferKey, DmabufNumbers> dmabufs_;
	std::unique_ptr<v4l2::OpenFile> file_;
};

} /* namespace fovea::server */
