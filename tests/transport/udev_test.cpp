/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The virtual hardware through libudev: devices, enumeration, news
 */

#include <functional>
#include <libudev.h>
#include <memory>
#include <poll.h>
#include <set>
#include <string>
#include <sys/sysmacros.h>

#include <gtest/gtest.h>

#include "fake_hardware.h"
#include "world.h"

using namespace fovea::test;

namespace {

template<typename T, T *(*function)(T *)>
struct Unref {
	void operator()(T *object) const { function(object); }
};

using Udev = std::unique_ptr<udev, Unref<udev, udev_unref>>;
using Device = std::unique_ptr<udev_device, Unref<udev_device, udev_device_unref>>;
using Enumerate = std::unique_ptr<udev_enumerate, Unref<udev_enumerate, udev_enumerate_unref>>;
using Monitor = std::unique_ptr<udev_monitor, Unref<udev_monitor, udev_monitor_unref>>;

std::string text(const char *value)
{
	return value ? value : "(null)";
}

std::set<std::string> namesOf(udev_list_entry *list)
{
	std::set<std::string> names;
	for (udev_list_entry *entry = list; entry; entry = udev_list_entry_get_next(entry))
		names.insert(udev_list_entry_get_name(entry));
	return names;
}

class UdevTest : public testing::Test
{
protected:
	void TearDown() override { EXPECT_EQ(control("plug"), 0); }

	Monitor monitor(const char *subsystem = nullptr)
	{
		Monitor result(udev_monitor_new_from_netlink(udev_.get(), "udev"));
		if (subsystem)
			udev_monitor_filter_add_match_subsystem_devtype(result.get(), subsystem, nullptr);
		EXPECT_GE(udev_monitor_enable_receiving(result.get()), 0);
		return result;
	}

	/* "add media0" and so on, as the monitor tells; empty after a second. */
	static std::string next(const Monitor &monitor)
	{
		pollfd entry = { udev_monitor_get_fd(monitor.get()), POLLIN, 0 };
		if (poll(&entry, 1, 1000) != 1)
			return {};
		Device device(udev_monitor_receive_device(monitor.get()));
		return device ? text(udev_device_get_action(device.get())) + " " +
					text(udev_device_get_devnode(device.get()))
			      : "nothing";
	}

	Udev udev_{ udev_new() };
};

} /* namespace */

TEST_F(UdevTest, DescribesDevices)
{
	const std::string path = "/sys/devices/platform/fake-isp/video4linux/video0";
	Device byPath(udev_device_new_from_syspath(udev_.get(), "/sys/class/video4linux/video0"));
	Device byNumber(udev_device_new_from_devnum(udev_.get(), 'c', makedev(81, 0)));
	Device byName(udev_device_new_from_subsystem_sysname(udev_.get(), "video4linux", "video0"));
	Device byId(udev_device_new_from_device_id(udev_.get(), "c81:0"));

	for (const Device *each : { &byPath, &byNumber, &byName, &byId }) {
		udev_device *device = each->get();
		ASSERT_TRUE(device);
		EXPECT_EQ(text(udev_device_get_syspath(device)), path);
		EXPECT_EQ(text(udev_device_get_devpath(device)), path.substr(4));
		EXPECT_EQ(text(udev_device_get_devnode(device)), "/dev/video0");
		EXPECT_EQ(text(udev_device_get_subsystem(device)), "video4linux");
		EXPECT_EQ(text(udev_device_get_sysname(device)), "video0");
		EXPECT_EQ(text(udev_device_get_sysnum(device)), "0");
		EXPECT_EQ(udev_device_get_devnum(device), makedev(81, 0));
		EXPECT_EQ(text(udev_device_get_sysattr_value(device, "name")), "fake-main0");
		EXPECT_EQ(text(udev_device_get_property_value(device, "MINOR")), "0");
		EXPECT_EQ(udev_device_get_is_initialized(device), 1);
		EXPECT_EQ(udev_device_get_udev(device), udev_.get());
		EXPECT_EQ(udev_device_get_sysattr_value(device, "nothing"), nullptr);
		EXPECT_EQ(udev_device_get_action(device), nullptr);
		EXPECT_TRUE(namesOf(udev_device_get_properties_list_entry(device)).contains("DEVNAME"));
	}
}

TEST_F(UdevTest, KnowsParents)
{
	Device device(udev_device_new_from_subsystem_sysname(udev_.get(), "video4linux", "video0"));
	ASSERT_TRUE(device);
	udev_device *parent = udev_device_get_parent(device.get());
	ASSERT_TRUE(parent);
	EXPECT_EQ(text(udev_device_get_sysname(parent)), "fake-isp");
	EXPECT_EQ(text(udev_device_get_driver(parent)), "fake-isp");
	EXPECT_EQ(udev_device_get_parent_with_subsystem_devtype(device.get(), "platform", nullptr), parent);
	EXPECT_EQ(udev_device_get_parent_with_subsystem_devtype(device.get(), "usb", nullptr), nullptr);
}

TEST_F(UdevTest, EnumeratesBySubsystem)
{
	Enumerate enumerate(udev_enumerate_new(udev_.get()));
	ASSERT_EQ(udev_enumerate_add_match_subsystem(enumerate.get(), "media"), 0);
	ASSERT_EQ(udev_enumerate_add_match_subsystem(enumerate.get(), "video4linux"), 0);
	ASSERT_EQ(udev_enumerate_add_match_is_initialized(enumerate.get()), 0);
	ASSERT_EQ(udev_enumerate_scan_devices(enumerate.get()), 0);
	const std::string parent = "/sys/devices/platform/fake-isp/";
	EXPECT_EQ(namesOf(udev_enumerate_get_list_entry(enumerate.get())),
		  std::set<std::string>({ parent + "media0", parent + "video4linux/video0",
					  parent + "i2c-0/0-0010/video4linux/v4l-subdev0" }));

	ASSERT_EQ(control("unplug"), 0);
	ASSERT_EQ(udev_enumerate_scan_devices(enumerate.get()), 0);
	EXPECT_EQ(udev_enumerate_get_list_entry(enumerate.get()), nullptr);
}

TEST_F(UdevTest, EnumeratesByPattern)
{
	const auto found = [this](const std::function<void(udev_enumerate *)> &match) {
		Enumerate enumerate(udev_enumerate_new(udev_.get()));
		udev_enumerate_add_match_subsystem(enumerate.get(), "video4linux");
		match(enumerate.get());
		EXPECT_EQ(udev_enumerate_scan_devices(enumerate.get()), 0);
		return namesOf(udev_enumerate_get_list_entry(enumerate.get())).size();
	};

	EXPECT_EQ(found([](udev_enumerate *) {}), 2u);
	EXPECT_EQ(found([](udev_enumerate *e) { udev_enumerate_add_match_sysname(e, "video*"); }), 1u);
	EXPECT_EQ(found([](udev_enumerate *e) { udev_enumerate_add_match_sysattr(e, "name", "fake*"); }), 1u);
	EXPECT_EQ(found([](udev_enumerate *e) { udev_enumerate_add_nomatch_sysattr(e, "name", "fake*"); }), 1u);
	EXPECT_EQ(found([](udev_enumerate *e) { udev_enumerate_add_match_property(e, "MINOR", "1"); }), 1u);
	EXPECT_EQ(found([](udev_enumerate *e) { udev_enumerate_add_match_tag(e, "seat"); }), 0u);
	EXPECT_EQ(found([](udev_enumerate *e) { udev_enumerate_add_nomatch_subsystem(e, "video4linux"); }), 0u);
}

/* The machine's own devices are still there. */
TEST_F(UdevTest, LeavesOtherDevicesAlone)
{
	Enumerate enumerate(udev_enumerate_new(udev_.get()));
	ASSERT_EQ(udev_enumerate_add_match_sysname(enumerate.get(), "*"), 0);
	ASSERT_EQ(udev_enumerate_scan_devices(enumerate.get()), 0);
	const std::set<std::string> all = namesOf(udev_enumerate_get_list_entry(enumerate.get()));
	EXPECT_TRUE(all.contains("/sys/devices/platform/fake-isp/media0"));
	EXPECT_TRUE(all.contains("/sys/devices/platform/fake-isp"));

	Device null(udev_device_new_from_devnum(udev_.get(), 'c', makedev(1, 3)));
	ASSERT_TRUE(null);
	EXPECT_EQ(text(udev_device_get_sysname(null.get())), "null");
	EXPECT_EQ(udev_device_new_from_devnum(udev_.get(), 'c', makedev(81, 77)), nullptr);
}

TEST_F(UdevTest, TellsOfUnplugAndPlug)
{
	Monitor all = monitor();
	Monitor media = monitor("media");
	Monitor usb = monitor("usb");
	ASSERT_EQ(control("unplug"), 0);
	ASSERT_EQ(control("plug"), 0);

	for (const char *expected : { "remove /dev/media0", "remove /dev/video0", "remove /dev/v4l-subdev0",
				      "add /dev/video0", "add /dev/v4l-subdev0", "add /dev/media0" })
		EXPECT_EQ(next(all), expected);

	EXPECT_EQ(next(media), "remove /dev/media0");
	EXPECT_EQ(next(media), "add /dev/media0");
	EXPECT_EQ(udev_monitor_receive_device(usb.get()), nullptr);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
