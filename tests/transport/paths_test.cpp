/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * /dev and /sys as applications see them
 */

#include <algorithm>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "world.h"

namespace {

std::vector<std::string> list(const char *path)
{
	std::vector<std::string> names;
	DIR *dir = opendir(path);
	if (!dir)
		return names;
	while (const dirent *entry = readdir(dir))
		names.push_back(entry->d_name);
	closedir(dir);
	return names;
}

bool contains(const std::vector<std::string> &names, const std::string &name)
{
	return std::find(names.begin(), names.end(), name) != names.end();
}

std::string contents(const std::string &path)
{
	std::ifstream file(path);
	return { std::istreambuf_iterator<char>(file), {} };
}

std::string real(const char *path)
{
	char *resolved = realpath(path, nullptr);
	const std::string result = resolved ? resolved : "";
	free(resolved);
	return result;
}

} /* namespace */

TEST(Paths, NodesAreCharacterDevices)
{
	struct stat st;
	ASSERT_EQ(stat("/dev/media0", &st), 0);
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_rdev, makedev(510, 0));
	ASSERT_EQ(lstat("/dev//./video0", &st), 0);
	EXPECT_EQ(st.st_rdev, makedev(81, 0));
	ASSERT_EQ(fstatat(AT_FDCWD, "/dev/v4l-subdev0", &st, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_EQ(st.st_rdev, makedev(81, 1));
	struct statx stx;
	ASSERT_EQ(statx(AT_FDCWD, "/dev/video0", 0, STATX_BASIC_STATS, &stx), 0);
	EXPECT_TRUE(S_ISCHR(stx.stx_mode));
	EXPECT_EQ(stx.stx_rdev_major, 81U);
	EXPECT_TRUE(std::filesystem::is_character_file("/dev/video0"));

	EXPECT_EQ(access("/dev/video0", R_OK | W_OK), 0);
	EXPECT_EQ(access("/dev/video0", X_OK), -1);
	EXPECT_EQ(access("/dev/video9", F_OK), -1);
	EXPECT_EQ(errno, ENOENT);
	char link[64];
	EXPECT_EQ(readlink("/dev/video0", link, sizeof(link)), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(real("/dev/../dev/null"), "/dev/null");
	EXPECT_EQ(real("/dev//video0"), "/dev/video0");
}

/* udev's links, by which v4l2-ctl finds the nodes of a media device. */
TEST(Paths, NodesHaveNumbers)
{
	struct stat st;
	ASSERT_EQ(stat("/dev/char/81:0", &st), 0);
	EXPECT_EQ(st.st_rdev, makedev(81, 0));
	ASSERT_EQ(stat("/dev/char/510:0", &st), 0);
	EXPECT_EQ(st.st_rdev, makedev(510, 0));

	const int fd = open("/dev/char/81:0", O_RDWR);
	ASSERT_GE(fd, 0);
	close(fd);

	/* No other video device is seen, and other numbers are the machine's. */
	EXPECT_EQ(stat("/dev/char/81:99", &st), -1);
	EXPECT_EQ(errno, ENOENT);
	if (!stat("/dev/char/1:3", &st)) {
		EXPECT_EQ(st.st_rdev, makedev(1, 3));
	}
}

TEST(Paths, DevListsTheNodes)
{
	const auto names = list("/dev");
	EXPECT_TRUE(contains(names, "video0"));
	EXPECT_TRUE(contains(names, "media0"));
	EXPECT_TRUE(contains(names, "v4l-subdev0"));
	EXPECT_TRUE(contains(names, "null"));

	struct stat st;
	ASSERT_EQ(stat("/dev/null", &st), 0);
	EXPECT_EQ(st.st_rdev, makedev(1, 3));

	dirent **entries;
	const int count = scandir("/dev", &entries, [](const dirent *e) {
		return std::string(e->d_name).starts_with("v4l-subdev") ? 1 : 0; }, alphasort);
	ASSERT_EQ(count, 1);
	EXPECT_STREQ(entries[0]->d_name, "v4l-subdev0");
	free(entries[0]);
	free(entries);
}

/* What libcamera's enumerator without udev does. */
TEST(Paths, SysfsLeadsToTheNodes)
{
	EXPECT_TRUE(contains(list("/sys/bus/media/devices"), "media0"));
	EXPECT_TRUE(contains(list("/sys/class/video4linux"), "video0"));

	EXPECT_EQ(contents("/sys/dev/char/81:1/uevent"), "MAJOR=81\nMINOR=1\nDEVNAME=v4l-subdev0\n");
	EXPECT_EQ(contents("/sys/class/video4linux/video0/dev"), "81:0\n");
	EXPECT_EQ(contents("/sys/class/video4linux/video0/name"), "fake-main0\n");
	EXPECT_EQ(contents("/sys/dev/char/510:0/uevent"), "MAJOR=510\nMINOR=0\nDEVNAME=media0\n");

	EXPECT_EQ(real("/sys/dev/char/81:0"), "/sys/devices/platform/fake-isp/video4linux/video0");
	EXPECT_EQ(real("/sys/dev/char/81:0/device"), "/sys/devices/platform/fake-isp");
	EXPECT_EQ(real("/sys/dev/char/81:0/subsystem"), "/sys/class/video4linux");
	EXPECT_EQ(real("/sys/dev/char/510:0/subsystem"), "/sys/bus/media");
	EXPECT_EQ(real("/sys/devices/platform/fake-isp/driver"), "/sys/bus/platform/drivers/fake-isp");

	/* A sensor is an I2C device, with a path in the device tree. */
	EXPECT_EQ(real("/sys/dev/char/81:1/device"), "/sys/devices/platform/fake-isp/i2c-0/0-0010");
	EXPECT_EQ(real("/sys/dev/char/81:1/device/of_node"),
		  "/sys/firmware/devicetree/base/soc/i2c0/imx219@10");

	char link[256] = {};
	ASSERT_GT(readlink("/sys/dev/char/81:0", link, sizeof(link) - 1), 0);
	EXPECT_EQ(std::filesystem::path(link).filename(), "video0");
}

TEST(Paths, LeavesTheRealSysfsAlone)
{
	EXPECT_TRUE(contains(list("/sys"), "kernel"));
	EXPECT_TRUE(contains(list("/sys/class"), "mem"));
	EXPECT_EQ(real("/sys/class/mem/null"), "/sys/devices/virtual/mem/null");
	EXPECT_EQ(access("/sys/dev/char/81:99", F_OK), -1);
	EXPECT_EQ(contents("/proc/self/comm").empty(), false);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return fovea::test::runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
