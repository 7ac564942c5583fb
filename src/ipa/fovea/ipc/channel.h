/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The socket between the pipeline handler and the IPA worker
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <libcamera/base/span.h>
#include <libcamera/base/unique_fd.h>

namespace libcamera::ipa::fovea::ipc {

class Channel
{
public:
	/* Descriptors in a message. */
	static constexpr unsigned int kMaxFds = 2;

	explicit Channel(size_t maxReceived);

	static int create(UniqueFD *handler, UniqueFD *worker);

	void open(UniqueFD fd) { fd_ = std::move(fd); }
	void close() { fd_.reset(); }
	int fd() const { return fd_.get(); }

	int send(Span<const uint8_t> data, Span<const int> fds = {});
	int receive(Span<const uint8_t> *data, bool wait,
		    std::vector<UniqueFD> *fds = nullptr);

private:
	UniqueFD fd_;
	std::vector<uint8_t> buffer_;
};

} /* namespace libcamera::ipa::fovea::ipc */
