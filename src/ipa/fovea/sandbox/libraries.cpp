/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The files that the dynamic loader opens for a program or a module
 */

#include "libraries.h"

#include <algorithm>
#include <limits.h>
#include <optional>
#include <set>
#include <stdlib.h>

#include "elf_file.h"

/**
 * \file libraries.h
 * \brief The files that the dynamic loader opens for a program or a module
 */

namespace fovea::sandbox {

namespace {

/* More files than any module needs; the rest of a malicious list is left out. */
constexpr size_t kMaxFiles = 256;

std::vector<std::string> split(std::string_view text)
{
	std::vector<std::string> folders;

	while (!text.empty()) {
		const size_t end = std::min(text.find(':'), text.size());
		if (end)
			folders.emplace_back(text.substr(0, end));
		text.remove_prefix(std::min(end + 1, text.size()));
	}

	return folders;
}

/*
 * Where the loader looks last. Distributions differ, but the loader itself lies
 * beside the C library in one of these folders.
 */
std::vector<std::string> systemFolders(const std::string &interpreter)
{
	std::vector<std::string> folders{ "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib" };

	char resolved[PATH_MAX];
	if (!interpreter.empty() && realpath(interpreter.c_str(), resolved)) {
		const std::string path = resolved;
		folders.insert(folders.begin(), path.substr(0, path.rfind('/')));
	}

	return folders;
}

/* The first file of this name that is an ELF file. */
std::optional<std::string> find(const std::string &name,
				const std::vector<const std::vector<std::string> *> &paths)
{
	if (name.find('/') != std::string::npos) {
		if (name[0] == '/' && ElfFile::read(name))
			return name;
		return {};
	}

	for (const std::vector<std::string> *folders : paths) {
		for (const std::string &folder : *folders) {
			std::string candidate = folder + "/" + name;
			if (ElfFile::read(candidate))
				return candidate;
		}
	}

	return {};
}

/* The loader of this process: modules name none of their own. */
std::string loaderOf(const std::vector<std::string> &roots)
{
	for (const std::string &path : roots) {
		std::optional<ElfFile> file = ElfFile::read(path);
		if (file && !file->interpreter().empty())
			return file->interpreter();
	}

	std::optional<ElfFile> self = ElfFile::read("/proc/self/exe");
	return self ? self->interpreter() : "";
}

} /* namespace */

/**
 * \brief List the files that are opened to load programs or modules
 * \param[in] roots Paths of the programs and modules
 * \param[in] libraryPath Value of LD_LIBRARY_PATH
 *
 * Libraries are found as ld.so(8) finds them, except that its cache is not read:
 * LD_LIBRARY_PATH, the object's run path, the system's folders. Only ELF files
 * are listed, so that a module cannot open a door by naming another file as its
 * library. A library that is not found is left out; loading reports it.
 *
 * \return Paths of the roots, their libraries and the dynamic loader
 */
std::vector<std::string> filesToLoad(const std::vector<std::string> &roots,
				     std::string_view libraryPath)
{
	const std::string loader = loaderOf(roots);
	const std::vector<std::string> first = split(libraryPath);
	const std::vector<std::string> last = systemFolders(loader);

	std::vector<std::string> files = roots;
	if (!loader.empty())
		files.push_back(loader);

	std::set<std::string> names;
	for (size_t i = 0; i < files.size(); i++) {
		std::optional<ElfFile> file = ElfFile::read(files[i]);
		if (!file)
			continue;

		for (const std::string &name : file->needed()) {
			if (files.size() >= kMaxFiles || !names.insert(name).second)
				continue;

			std::optional<std::string> found =
				find(name, { &first, &file->searchPath(), &last });
			if (found && std::find(files.begin(), files.end(), *found) == files.end())
				files.push_back(*found);
		}
	}

	return files;
}

} /* namespace fovea::sandbox */
