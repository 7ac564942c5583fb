/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Where the parts of Fovea lie, in the build tree and installed
 */

#include "installation.h"

#include <filesystem>
#include <system_error>

#include <fmt/core.h>

namespace fovea::run {

namespace fs = std::filesystem;

namespace {

/* FOVEA_* are configured by meson.build. */
Installation buildTree(const fs::path &build)
{
	const fs::path libcamera = build / "subprojects" / "libcamera" / "src";
	const fs::path apps = libcamera / "apps";

	return {
		build / "src/isp_sim/server/fovea-hw",
		build / "src/isp_sim/preload/libfovea-v4l2.so",
		build / "src/pipeline/fovea/libcamera-fovea.so",
		build / "src/ipa/fovea",
		build / "src/ipa/fovea/sandbox",
		FOVEA_SOURCE_DIR "/tuning",
		{ build, apps / "cam", apps / "qcam", apps / "lc-compliance",
		  build / "src/isp_sim/sensor" },
		{ libcamera / "libcamera", libcamera / "libcamera" / "base" },
		libcamera / "gstreamer",
	};
}

Installation installed(const fs::path &prefix)
{
	const fs::path lib = prefix / FOVEA_LIBDIR;
	const fs::path libexec = prefix / FOVEA_LIBEXECDIR;

	return {
		libexec / "fovea" / "fovea-hw",
		lib / "fovea" / "libfovea-v4l2.so",
		lib / "fovea" / "libcamera-fovea.so",
		lib / "libcamera" / "ipa",
		libexec / "libcamera",
		prefix / FOVEA_DATADIR / "fovea" / "tuning",
		{ prefix / FOVEA_BINDIR },
		{ lib },
		lib / "gstreamer-1.0",
	};
}

} /* namespace */

/**
 * \struct Installation
 * \brief Where the parts of Fovea lie
 *
 * Everything is found relative to the running program, so that a build tree and
 * an installed tree work wherever they are. A build tree is known by meson's
 * own folder in it.
 */

/**
 * \brief Find the parts that belong to the running program
 * \return False, with \a error set, if one of the necessary files is missing
 */
bool Installation::find(Installation *installation, std::string *error)
{
	std::error_code code;
	const fs::path directory = fs::read_symlink("/proc/self/exe", code).parent_path();

	*installation = fs::exists(directory / "meson-private", code)
			      ? buildTree(directory)
			      : installed(directory.parent_path());

	for (const std::string &file : { installation->server, installation->preload,
					 installation->handler }) {
		if (!fs::exists(file, code)) {
			*error = fmt::format("{} is missing: build it with 'ninja -C build', or install Fovea whole",
					     file);
			return false;
		}
	}

	return true;
}

} /* namespace fovea::run */
