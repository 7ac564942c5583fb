/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which of the process's descriptors are open files of the virtual hardware
 *
 * Everything here works without locks and without the heap: it runs in signal
 * handlers, and in children cloned from a process with threads.
 */

#include "files.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>

#include "client.h"
#include "environment.h"
#include "real.h"

namespace fovea::preload {

namespace {

/*
 * What is known of a descriptor: nothing, that it is none of ours, that it is a
 * hidden one without an owner, or a File in the upper bits; then the lower ones
 * are 0 for the carrier and 1 + index for a hidden descriptor.
 */
using Entry = uintptr_t;

constexpr Entry kUnknown = 0;
constexpr Entry kForeign = 1;
constexpr Entry kHiddenUnowned = 2;
constexpr Entry kIndexMask = alignof(File) - 1;

/* Descriptors are non-negative ints: 31 bits, as a tree of three levels. */
constexpr unsigned int kLeafBits = 10;
constexpr unsigned int kNodeBits = 10;
constexpr unsigned int kRootBits = 11;

struct Leaf {
	std::atomic<Entry> entries[1U << kLeafBits];
};

struct Node {
	std::atomic<Leaf *> leaves[1U << kNodeBits];
};

std::atomic<Node *> root[1U << kRootBits];

/* One above the highest descriptor that was ever known. */
std::atomic<unsigned int> knownEnd;

/* Zeroed memory that is never given back. */
void *newPages(size_t size)
{
	void *memory = real().mmap(nullptr, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? nullptr : memory;
}

/* What \a pointer points to, created by the first who asks with \a create. */
template<typename T>
T *get(std::atomic<T *> *pointer, bool create)
{
	T *object = pointer->load(std::memory_order_acquire);
	if (object || !create)
		return object;

	T *fresh = static_cast<T *>(newPages(sizeof(T)));
	if (fresh && !pointer->compare_exchange_strong(object, fresh)) {
		munmap(fresh, sizeof(T));
		return object;
	}

	return fresh;
}

std::atomic<Entry> *entryOf(int fd, bool create)
{
	if (fd < 0)
		return nullptr;

	const unsigned int number = fd;
	Node *node = get(&root[number >> (kLeafBits + kNodeBits)], create);
	Leaf *leaf = node ? get(&node->leaves[(number >> kLeafBits) & ((1U << kNodeBits) - 1)], create)
			  : nullptr;

	return leaf ? &leaf->entries[number & ((1U << kLeafBits) - 1)] : nullptr;
}

Entry load(int fd)
{
	const std::atomic<Entry> *entry = entryOf(fd, false);
	return entry ? entry->load(std::memory_order_acquire) : kUnknown;
}

void store(int fd, Entry value)
{
	std::atomic<Entry> *entry = entryOf(fd, value != kUnknown);
	if (!entry)
		return;

	entry->store(value, std::memory_order_release);
	if (value == kUnknown)
		return;

	unsigned int end = knownEnd.load();
	while (end <= static_cast<unsigned int>(fd) &&
	       !knownEnd.compare_exchange_weak(end, fd + 1U))
		;
}

bool isFile(Entry entry)
{
	return entry > kHiddenUnowned;
}

File *carrierOf(Entry entry)
{
	return isFile(entry) && !(entry & kIndexMask) ? reinterpret_cast<File *>(entry) : nullptr;
}

bool isHiddenEntry(Entry entry)
{
	return entry == kHiddenUnowned || (isFile(entry) && (entry & kIndexMask));
}

/* Files come in blocks, the free ones marked by zero references. */
constexpr unsigned int kFilesPerBlock = 512;
constexpr unsigned int kMaxBlocks = 4096;

/* References of a file that is being set up or closed. */
constexpr uint32_t kBusy = 1U << 31;

struct Block {
	File files[kFilesPerBlock];
};

std::atomic<Block *> blocks[kMaxBlocks];

uint64_t cookieOf(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);
	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) < 0)
		return 0;
	return cookie;
}

/*
 * Is \a fd the client's end of an open file? The other end has an address that
 * says so, see transport::kCarrierPrefix; it says so even when the server is gone.
 */
bool hasCarrierAddress(int fd)
{
	using namespace transport;

	sockaddr_un address;
	socklen_t size = sizeof(address);
	constexpr size_t offset = offsetof(sockaddr_un, sun_path) + 1;

	return !getpeername(fd, reinterpret_cast<sockaddr *>(&address), &size) &&
	       size == offset + kCarrierPrefixLength + kCarrierDigits &&
	       address.sun_family == AF_UNIX && address.sun_path[0] == 0 &&
	       !memcmp(address.sun_path + 1, kCarrierPrefix, kCarrierPrefixLength);
}

bool acquire(File *file)
{
	uint32_t count = file->references.load();
	while (count && !(count & kBusy)) {
		if (file->references.compare_exchange_weak(count, count + 1))
			return true;
	}
	return false;
}

/* A reference to the File with the carrier \a cookie if this process has one. */
File *findCookie(uint64_t cookie)
{
	for (const auto &pointer : blocks) {
		Block *block = pointer.load(std::memory_order_acquire);
		if (!block)
			break;

		for (File &file : block->files) {
			if (file.cookie != cookie || !acquire(&file))
				continue;
			if (file.cookie == cookie)
				return &file;
			release(&file);
		}
	}

	return nullptr;
}

/* A descriptor of an unknown past: inherited, received, or nothing of ours. */
File *identify(int fd)
{
	if (!hasCarrierAddress(fd)) {
		store(fd, kForeign);
		return nullptr;
	}

	const uint64_t cookie = cookieOf(fd);
	File *file = findCookie(cookie);
	if (!file) {
		file = newFile();
		if (!file)
			return nullptr;
		file->cookie = cookie;
		client::attach(file, fd);
	}

	install(fd, file);
	return file;
}

} /* namespace */

File *lookUp(int fd)
{
	const Entry entry = load(fd);
	if (entry == kForeign || fd < 0 || isHiddenEntry(entry) || !environment().active)
		return nullptr;

	const int savedErrno = errno;
	File *file = carrierOf(entry);

	/*
	 * The number may have been closed and used again behind our back, by the
	 * C library's fclose() for instance.
	 */
	if (file && cookieOf(fd) != file->cookie) {
		if (detach(fd))
			release(file);
		file = nullptr;
	}
	if (!file)
		file = identify(fd);

	errno = savedErrno;
	return file;
}

File *newFile()
{
	for (auto &pointer : blocks) {
		Block *block = get(&pointer, true);
		if (!block)
			break;

		for (File &file : block->files) {
			uint32_t unused = 0;
			if (!file.references.compare_exchange_strong(unused, kBusy))
				continue;

			file.handle = 0;
			file.cookie = 0;
			file.major = 0;
			file.minor = 0;
			file.flags = O_RDWR;
			file.name[0] = '\0';
			for (auto &hidden : file.hidden)
				hidden.store(-1);
			file.references.store(1);
			return &file;
		}
	}

	return nullptr;
}

void release(File *file)
{
	uint32_t count = file->references.load();
	while (!file->references.compare_exchange_weak(count, count > 1 ? count - 1 : kBusy))
		;
	if (count > 1)
		return;

	for (auto &hidden : file->hidden) {
		const int fd = hidden.exchange(-1);
		if (fd >= 0)
			closeHidden(fd);
	}
	file->handle = 0;
	file->cookie = 0;
	file->references.store(0);
}

void install(int fd, File *file)
{
	File *before = detach(fd);
	store(fd, reinterpret_cast<Entry>(file));
	if (before)
		release(before);
}

void forget(int fd)
{
	File *before = detach(fd);
	if (before)
		release(before);
}

File *detach(int fd)
{
	std::atomic<Entry> *entry = entryOf(fd, false);
	return entry ? carrierOf(entry->exchange(kUnknown)) : nullptr;
}

void duplicated(int from, int fd)
{
	if (from == fd)
		return;

	File *file = lookUp(from);
	if (file && acquire(file))
		install(fd, file);
	else
		forget(fd);
}

bool isCarrier(int fd)
{
	return carrierOf(load(fd));
}

bool isHidden(int fd)
{
	return isHiddenEntry(load(fd));
}

int nextHidden(unsigned int fd, unsigned int last)
{
	for (const unsigned int end = knownEnd.load(); fd < end && fd <= last; fd++) {
		if (isHiddenEntry(load(fd)))
			return fd;
	}

	return -1;
}

int nextCarrier(unsigned int fd, unsigned int last)
{
	for (const unsigned int end = knownEnd.load(); fd < end && fd <= last; fd++) {
		if (carrierOf(load(fd)))
			return fd;
	}

	return -1;
}

void forgetRange(unsigned int fd, unsigned int last)
{
	for (const unsigned int end = knownEnd.load(); fd < end && fd <= last; fd++)
		forget(fd);
}

bool moveHidden(int fd)
{
	const Entry entry = load(fd);
	if (!isHiddenEntry(entry))
		return true;

	/* The pool of connections replaces what is taken from it. */
	if (entry == kHiddenUnowned) {
		client::abandon(fd);
		return true;
	}

	auto *file = reinterpret_cast<File *>(entry & ~kIndexMask);
	const unsigned int index = (entry & kIndexMask) - 1;
	const int copy = real().dup(fd);
	if (copy < 0)
		return false;

	const int moved = hide(copy, file, index);
	if (moved < 0)
		return false;

	file->hidden[index].store(moved);
	store(fd, kUnknown);
	real().close(fd);
	return true;
}

/*
 * High numbers keep out of the way of select(), of shells, and of programs that
 * expect the lowest free number. The soft limit bounds them; it is 1024 on most
 * systems, of which the upper half is taken.
 */
int hide(int fd, File *file, unsigned int index)
{
	rlimit limit = {};
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > INT_MAX)
		limit.rlim_cur = 4096;
	const int base = limit.rlim_cur >= 4096 ? 2048 : static_cast<int>(limit.rlim_cur / 2);

	const int moved = real().fcntl(fd, F_DUPFD_CLOEXEC, base);
	real().close(fd);
	if (moved >= 0)
		store(moved, file ? reinterpret_cast<Entry>(file) | (index + 1) : kHiddenUnowned);

	return moved;
}

void closeHidden(int fd)
{
	store(fd, kUnknown);
	real().close(fd);
}

} /* namespace fovea::preload */
