/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which of the process's descriptors are open files of the virtual hardware
 */

#pragma once

#include <atomic>
#include <stdint.h>

#include "isp_sim/server/protocol.h"

namespace fovea::preload {

/* Descriptors that belong to an open file and that the application never sees. */
enum HiddenFd : unsigned int {
	/* transport::Readiness, then */
	kHiddenLock = transport::kReadyCount,
	kHiddenCount,
};

/* An open file of the virtual hardware, as this process knows it. */
struct alignas(64) File {
	/* Descriptors of this process; 0: the structure is free. */
	std::atomic<uint32_t> references;
	uint64_t handle;
	uint64_t cookie;
	uint32_t major;
	uint32_t minor;
	int flags;
	std::atomic<int> hidden[kHiddenCount];
	char name[32];
};

/*
 * The open file behind \a fd, or null. Descriptors that this process has not
 * seen before are looked at once. Keeps errno.
 */
File *lookUp(int fd);

/* A new File with one reference, hidden descriptors -1. Null: no memory. */
File *newFile();

/* Drop a reference; the last one closes the hidden descriptors. */
void release(File *file);

/* \a fd is a new descriptor of \a file; takes over the caller's reference. */
void install(int fd, File *file);

/* \a fd is a new descriptor of something: forget what it was before. */
void forget(int fd);

/*
 * \a fd is about to be closed. Returns the file whose reference the caller then
 * has to release, or null.
 */
File *detach(int fd);

/* \a fd has become a duplicate of \a from, a descriptor of any kind. */
void duplicated(int from, int fd);

/* Is \a fd known as an open file? Not looked at, unlike with lookUp(). */
bool isCarrier(int fd);

/* Is \a fd a descriptor of this library's own? */
bool isHidden(int fd);

/* The smallest descriptor from \a fd up to \a last that is hidden, or -1. */
int nextHidden(unsigned int fd, unsigned int last);

/* Likewise, that is an open file. */
int nextCarrier(unsigned int fd, unsigned int last);

/* Forget all that is known of the descriptors from \a fd to \a last. */
void forgetRange(unsigned int fd, unsigned int last);

/* Give the number of hidden \a fd to the application. False: out of descriptors. */
bool moveHidden(int fd);

/*
 * Move \a fd to a high number with close-on-exec, hidden from the application.
 * \a file, which may be null, is its owner and \a index its place there. Returns
 * the new number or -1; \a fd is closed.
 */
int hide(int fd, File *file, unsigned int index);

/* Close a hidden descriptor. */
void closeHidden(int fd);

} /* namespace fovea::preload */
