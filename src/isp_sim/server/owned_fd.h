/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * File descriptor with an owner
 */

#pragma once

#include <unistd.h>
#include <utility>

namespace fovea {

class OwnedFd
{
public:
	explicit OwnedFd(int fd = -1)
		: fd_(fd)
	{
	}

	OwnedFd(OwnedFd &&other) noexcept
		: fd_(std::exchange(other.fd_, -1))
	{
	}

	OwnedFd &operator=(OwnedFd &&other) noexcept
	{
		reset(std::exchange(other.fd_, -1));
		return *this;
	}

	OwnedFd(const OwnedFd &) = delete;
	OwnedFd &operator=(const OwnedFd &) = delete;

	~OwnedFd() { reset(); }

	int get() const { return fd_; }
	bool isValid() const { return fd_ >= 0; }
	int release() { return std::exchange(fd_, -1); }

	void reset(int fd = -1)
	{
		if (fd_ >= 0)
			::close(fd_);
		fd_ = fd;
	}

private:
	int fd_;
};

} /* namespace fovea */
