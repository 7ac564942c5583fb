/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What an ELF file needs to be loaded
 */

#pragma once

#include <link.h>
#include <optional>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::sandbox {

class ElfFile
{
public:
	static std::optional<ElfFile> read(const std::string &path);

	const std::string &interpreter() const { return interpreter_; }
	const std::vector<std::string> &needed() const { return needed_; }
	const std::vector<std::string> &searchPath() const { return searchPath_; }

private:
	class Reader;

	bool parse(const Reader &reader, const std::string &origin);
	bool parseDynamic(const Reader &reader, const ElfW(Phdr) & dynamic,
			  const std::vector<ElfW(Phdr)> &segments, const std::string &origin);

	std::string interpreter_;
	std::vector<std::string> needed_;
	std::vector<std::string> searchPath_;
};

} /* namespace fovea::sandbox */
