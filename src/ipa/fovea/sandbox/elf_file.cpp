/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What an ELF file needs to be loaded
 */

#include "elf_file.h"

#include <algorithm>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

/**
 * \file elf_file.h
 * \brief What an ELF file needs to be loaded
 */

namespace fovea::sandbox {

namespace {

/* Bounds of what is read of a file that may be malicious. */
constexpr size_t kMaxSegments = 128;
constexpr size_t kMaxDynamicEntries = 4096;

/* "a:b:c" with $ORIGIN replaced by the folder of the file, as ld.so(8) says. */
std::vector<std::string> splitPath(std::string_view text, const std::string &origin)
{
	std::vector<std::string> folders;

	while (!text.empty()) {
		const size_t end = std::min(text.find(':'), text.size());
		std::string folder{ text.substr(0, end) };
		text.remove_prefix(std::min(end + 1, text.size()));

		for (std::string_view token : { "${ORIGIN}", "$ORIGIN" }) {
			const size_t at = folder.find(token);
			if (at != std::string::npos)
				folder.replace(at, token.size(), origin);
		}

		/* What depends on the working directory is not followed. */
		if (!folder.empty() && folder[0] == '/')
			folders.push_back(folder);
	}

	return folders;
}

} /* namespace */

/* Reads pieces of an open file; a piece that is not all there is an error. */
class ElfFile::Reader
{
public:
	explicit Reader(const std::string &path)
		: fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
	{
		struct stat status;
		if (fd_ >= 0 && (fstat(fd_, &status) < 0 || !S_ISREG(status.st_mode))) {
			close(fd_);
			fd_ = -1;
		}
	}

	Reader(const Reader &) = delete;
	Reader &operator=(const Reader &) = delete;

	~Reader()
	{
		if (fd_ >= 0)
			close(fd_);
	}

	bool bytes(uint64_t offset, void *data, size_t size) const
	{
		return fd_ >= 0 && offset <= SSIZE_MAX &&
		       pread(fd_, data, size, offset) == static_cast<ssize_t>(size);
	}

	template<typename T>
	bool array(uint64_t offset, std::vector<T> *values) const
	{
		return bytes(offset, values->data(), values->size() * sizeof(T));
	}

	/* A string of fewer than PATH_MAX bytes. */
	std::optional<std::string> string(uint64_t offset) const
	{
		char text[PATH_MAX];
		if (fd_ < 0 || offset > SSIZE_MAX)
			return {};

		const ssize_t size = pread(fd_, text, sizeof(text), offset);
		if (size <= 0 || !memchr(text, 0, size))
			return {};
		return text;
	}

private:
	int fd_;
};

/**
 * \class ElfFile
 * \brief What an ELF file of this machine's kind needs to be loaded
 *
 * The file is read with bounds, because a module may be malicious. Sources: the
 * System V ABI, chapters 4 and 5, and ld.so(8).
 */

/**
 * \brief Read a program or a shared object
 * \return The file, or nothing if it cannot be read or is not an ELF file of
 * this machine's class
 */
std::optional<ElfFile> ElfFile::read(const std::string &path)
{
	const Reader reader(path);
	ElfFile file;
	if (!file.parse(reader, path.substr(0, path.rfind('/'))))
		return {};

	return file;
}

bool ElfFile::parse(const Reader &reader, const std::string &origin)
{
	constexpr unsigned char kClass = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;

	ElfW(Ehdr) header;
	if (!reader.bytes(0, &header, sizeof(header)) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_ident[EI_CLASS] != kClass ||
	    header.e_phentsize != sizeof(ElfW(Phdr)) || header.e_phnum > kMaxSegments)
		return false;

	std::vector<ElfW(Phdr)> segments(header.e_phnum);
	if (!reader.array(header.e_phoff, &segments))
		return false;

	for (const ElfW(Phdr) & segment : segments) {
		if (segment.p_type == PT_INTERP) {
			std::optional<std::string> name = reader.string(segment.p_offset);
			if (!name)
				return false;
			interpreter_ = *name;
		}

		if (segment.p_type == PT_DYNAMIC &&
		    !parseDynamic(reader, segment, segments, origin))
			return false;
	}

	return true;
}

bool ElfFile::parseDynamic(const Reader &reader, const ElfW(Phdr) & dynamic,
			   const std::vector<ElfW(Phdr)> &segments,
			   const std::string &origin)
{
	std::vector<ElfW(Dyn)> entries(std::min<uint64_t>(dynamic.p_filesz / sizeof(ElfW(Dyn)),
							  kMaxDynamicEntries));
	if (!reader.array(dynamic.p_offset, &entries))
		return false;

	entries.erase(std::find_if(entries.begin(), entries.end(),
				   [](const ElfW(Dyn) & entry) { return entry.d_tag == DT_NULL; }),
		      entries.end());

	/* The string table is given by its address; find it in the file. */
	uint64_t table = 0;
	for (const ElfW(Dyn) & entry : entries) {
		if (entry.d_tag != DT_STRTAB)
			continue;
		for (const ElfW(Phdr) & segment : segments) {
			const uint64_t within = entry.d_un.d_ptr - segment.p_vaddr;
			if (segment.p_type == PT_LOAD && within < segment.p_filesz)
				table = segment.p_offset + within;
		}
	}

	for (const ElfW(Dyn) & entry : entries) {
		const bool isPath = entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH;
		if (entry.d_tag != DT_NEEDED && !isPath)
			continue;

		std::optional<std::string> text = reader.string(table + entry.d_un.d_val);
		if (!table || !text)
			return false;

		if (isPath)
			searchPath_ = splitPath(*text, origin);
		else
			needed_.push_back(*text);
	}

	return true;
}

} /* namespace fovea::sandbox */
