/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The media graph, formats, links and controls
 */

#include "device_test.h"

#include <errno.h>
#include <map>
#include <string.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class Graph : public DeviceTest
{
protected:
	void SetUp() override { create(true); }

	v4l2_subdev_format format(const std::string &label, uint32_t pad)
	{
		v4l2_subdev_format result = {};
		result.which = V4L2_SUBDEV_FORMAT_ACTIVE;
		result.pad = pad;
		EXPECT_EQ(open(label)->ioctl(VIDIOC_SUBDEV_G_FMT, &result), 0);
		return result;
	}

	v4l2_query_ext_ctrl query(uint32_t id)
	{
		v4l2_query_ext_ctrl result = {};
		result.id = id;
		EXPECT_EQ(sensorFile_->ioctl(VIDIOC_QUERY_EXT_CTRL, &result), 0) << id;
		return result;
	}

	int setImageLink(bool enable)
	{
		return setLink("fovea-frontend0", 3, "fovea-backend", 0, enable);
	}
};

TEST_F(Graph, EntitiesAndFunctions)
{
	const std::map<std::string, uint32_t> expected = {
		{ "flat 0-0010", MEDIA_ENT_F_CAM_SENSOR },
		{ "fovea-csi2rx0", MEDIA_ENT_F_VID_IF_BRIDGE },
		{ "fovea-frontend0", MEDIA_ENT_F_PROC_VIDEO_PIXEL_FORMATTER },
		{ "fovea-raw0", MEDIA_ENT_F_IO_V4L },
		{ "fovea-stats0", MEDIA_ENT_F_IO_V4L },
		{ "fovea-backend", MEDIA_ENT_F_PROC_VIDEO_ISP },
		{ "fovea-params", MEDIA_ENT_F_IO_V4L },
		{ "fovea-backend-stats", MEDIA_ENT_F_IO_V4L },
		{ "fovea-input", MEDIA_ENT_F_IO_V4L },
		{ "fovea-scaler0", MEDIA_ENT_F_PROC_VIDEO_SCALER },
		{ "fovea-main0", MEDIA_ENT_F_IO_V4L },
		{ "fovea-scaler1", MEDIA_ENT_F_PROC_VIDEO_SCALER },
		{ "fovea-viewfinder0", MEDIA_ENT_F_IO_V4L },
	};

	media_v2_entity entities[32] = {};
	media_v2_topology topology = {};
	topology.num_entities = 32;
	topology.ptr_entities = reinterpret_cast<uintptr_t>(entities);
	ASSERT_EQ(open("Fovea ISP")->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);

	std::map<std::string, uint32_t> found;
	for (uint32_t i = 0; i < topology.num_entities; i++)
		found[entities[i].name] = entities[i].function;
	EXPECT_EQ(found, expected);

	/* 12 data links and 13 of interfaces. */
	EXPECT_EQ(uint32_t{ topology.num_links }, 25u);
	EXPECT_EQ(uint32_t{ topology.num_interfaces }, 13u);
	EXPECT_EQ(uint32_t{ topology.num_pads }, 22u);

	media_device_info info = {};
	ASSERT_EQ(open("Fovea ISP")->ioctl(MEDIA_IOC_DEVICE_INFO, &info), 0);
	EXPECT_STREQ(info.driver, "fovea-isp");
	EXPECT_STREQ(info.bus_info, "platform:fovea-isp");
	EXPECT_EQ(info.hw_revision, static_cast<uint32_t>(FOVEA_ISP_HW_REVISION_2));
}

TEST_F(Graph, FormatsPropagate)
{
	v4l2_subdev_format set = {};
	set.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	set.format.width = 641;
	set.format.height = 1000000;
	set.format.code = 0x1234;
	ASSERT_EQ(open("fovea-frontend0")->ioctl(VIDIOC_SUBDEV_S_FMT, &set), 0);
	EXPECT_EQ(set.format.width, 640u);
	EXPECT_EQ(set.format.height, 16384u);
	EXPECT_EQ(set.format.code, static_cast<uint32_t>(MEDIA_BUS_FMT_SRGGB10_1X10));

	for (uint32_t pad : { 1, 3 })
		EXPECT_EQ(format("fovea-frontend0", pad).format.width, 640u);
	EXPECT_EQ(format("fovea-frontend0", 2).format.code, static_cast<uint32_t>(MEDIA_BUS_FMT_FIXED));
}

TEST_F(Graph, ScalerCropAndLimits)
{
	configure();
	auto scaler = open("fovea-scaler0");

	v4l2_subdev_selection crop = {};
	crop.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	crop.target = V4L2_SEL_TGT_CROP;
	crop.r = { 60, -5, 21, 33 };
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_S_SELECTION, &crop), 0);
	EXPECT_EQ(crop.r.left, 44);
	EXPECT_EQ(crop.r.top, 0);
	EXPECT_EQ(crop.r.width, 20u);
	EXPECT_EQ(crop.r.height, 32u);

	crop.target = V4L2_SEL_TGT_CROP_BOUNDS;
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_G_SELECTION, &crop), 0);
	EXPECT_EQ(crop.r.width, 64u);
	EXPECT_EQ(scaler->ioctl(VIDIOC_SUBDEV_S_SELECTION, &crop), -EINVAL);

	/* At most 16 times as large as the crop. */
	v4l2_subdev_format out = {};
	out.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	out.pad = 1;
	out.format.width = 10000;
	out.format.height = 10000;
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_S_FMT, &out), 0);
	EXPECT_EQ(out.format.width, 320u);
	EXPECT_EQ(out.format.height, 512u);
}

TEST_F(Graph, SensorModes)
{
	v4l2_subdev_mbus_code_enum code = {};
	code.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	ASSERT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code), 0);
	EXPECT_EQ(code.code, static_cast<uint32_t>(MEDIA_BUS_FMT_SRGGB10_1X10));
	code.index = 1;
	ASSERT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code), 0);
	EXPECT_EQ(code.code, static_cast<uint32_t>(MEDIA_BUS_FMT_SRGGB8_1X8));
	code.index = 2;
	EXPECT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code), -EINVAL);

	v4l2_subdev_frame_size_enum size = {};
	size.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	size.code = MEDIA_BUS_FMT_SRGGB8_1X8;
	ASSERT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_ENUM_FRAME_SIZE, &size), 0);
	EXPECT_EQ(size.max_width, 32u);
	size.index = 1;
	EXPECT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_ENUM_FRAME_SIZE, &size), -EINVAL);
}

/* Modes of HDR take the place of the linear ones while the control says so. */
TEST_F(Graph, HdrModesAreOfferedByTheirControl)
{
	auto format = [this]() {
		v4l2_subdev_format get = {};
		get.which = V4L2_SUBDEV_FORMAT_ACTIVE;
		EXPECT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_G_FMT, &get), 0);
		return get.format;
	};
	auto codes = [this]() {
		std::vector<uint32_t> result;
		v4l2_subdev_mbus_code_enum code = {};
		code.which = V4L2_SUBDEV_FORMAT_ACTIVE;
		for (; !sensorFile_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code); code.index++)
			result.push_back(code.code);
		return result;
	};

	EXPECT_EQ(query(V4L2_CID_HDR_SENSOR_MODE).maximum, 2);
	EXPECT_TRUE(query(V4L2_CID_HDR_SENSOR_MODE).flags & V4L2_CTRL_FLAG_MODIFY_LAYOUT);
	v4l2_querymenu menu = {};
	menu.id = V4L2_CID_HDR_SENSOR_MODE;
	for (const char *name : { "No HDR", "Companded", "2 Exposures" }) {
		ASSERT_EQ(sensorFile_->ioctl(VIDIOC_QUERYMENU, &menu), 0);
		EXPECT_STREQ(reinterpret_cast<const char *>(menu.name), name);
		menu.index++;
	}

	ASSERT_EQ(setControl(V4L2_CID_HDR_SENSOR_MODE, 1), 0);
	EXPECT_EQ(format().code, static_cast<uint32_t>(MEDIA_BUS_FMT_SRGGB12_1X12));
	EXPECT_EQ(format().height, FlatSensor::kHeight);
	EXPECT_EQ(codes(), std::vector<uint32_t>{ MEDIA_BUS_FMT_SRGGB12_1X12 });

	ASSERT_EQ(setControl(V4L2_CID_HDR_SENSOR_MODE, 2), 0);
	EXPECT_EQ(format().code, static_cast<uint32_t>(MEDIA_BUS_FMT_SRGGB10_1X10));
	EXPECT_EQ(format().height, 2 * FlatSensor::kHeight);
	EXPECT_EQ(query(V4L2_CID_EXPOSURE).maximum, 2 * 48 + 16 - 4);

	/* No other mode can be had by its size. */
	v4l2_subdev_format set = {};
	set.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	set.format.code = MEDIA_BUS_FMT_SRGGB8_1X8;
	set.format.width = 32;
	set.format.height = 24;
	ASSERT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_S_FMT, &set), 0);
	EXPECT_EQ(set.format.height, 2 * FlatSensor::kHeight);

	ASSERT_EQ(setControl(V4L2_CID_HDR_SENSOR_MODE, 0), 0);
	EXPECT_EQ(format().height, FlatSensor::kHeight);
	EXPECT_EQ(codes().size(), 2u);
}

/* The mode brings its timings; the exposure range follows the blanking. */
TEST_F(Graph, ControlsFollowTheMode)
{
	EXPECT_EQ(query(V4L2_CID_EXPOSURE).maximum, 48 + 16 - 4);
	EXPECT_EQ(control(V4L2_CID_EXPOSURE), 40);
	EXPECT_EQ(query(V4L2_CID_PIXEL_RATE).maximum, 640000);
	EXPECT_TRUE(query(V4L2_CID_PIXEL_RATE).flags & V4L2_CTRL_FLAG_READ_ONLY);
	EXPECT_TRUE(query(V4L2_CID_HFLIP).flags & V4L2_CTRL_FLAG_MODIFY_LAYOUT);
	EXPECT_EQ(setControl(V4L2_CID_HBLANK, 100), -EACCES);
	EXPECT_EQ(control(V4L2_CID_LINK_FREQ), 1);

	ASSERT_EQ(setControl(V4L2_CID_VBLANK, 100), 0);
	EXPECT_EQ(query(V4L2_CID_EXPOSURE).maximum, 48 + 100 - 4);
	ASSERT_EQ(setControl(V4L2_CID_EXPOSURE, 1000), 0);
	EXPECT_EQ(control(V4L2_CID_EXPOSURE), 144);
	ASSERT_EQ(setControl(V4L2_CID_VBLANK, 16), 0);
	EXPECT_EQ(control(V4L2_CID_EXPOSURE), 60);

	v4l2_subdev_format set = {};
	set.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	set.format.code = MEDIA_BUS_FMT_SRGGB8_1X8;
	set.format.width = 30;
	set.format.height = 20;
	ASSERT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_S_FMT, &set), 0);
	EXPECT_EQ(set.format.width, 32u);
	EXPECT_EQ(query(V4L2_CID_PIXEL_RATE).maximum, 320000);
	EXPECT_EQ(control(V4L2_CID_HBLANK), 68);
	EXPECT_EQ(control(V4L2_CID_VBLANK), 40);
	EXPECT_EQ(control(V4L2_CID_LINK_FREQ), 0);
	EXPECT_EQ(query(V4L2_CID_EXPOSURE).maximum, 24 + 40 - 4);
}

TEST_F(Graph, FlipsChangeTheBayerOrder)
{
	const uint32_t codes[] = { MEDIA_BUS_FMT_SRGGB10_1X10, MEDIA_BUS_FMT_SGRBG10_1X10,
				   MEDIA_BUS_FMT_SGBRG10_1X10, MEDIA_BUS_FMT_SBGGR10_1X10 };

	for (int flips = 0; flips < 4; flips++) {
		ASSERT_EQ(setControl(V4L2_CID_HFLIP, flips & 1), 0);
		ASSERT_EQ(setControl(V4L2_CID_VFLIP, flips >> 1), 0);
		EXPECT_EQ(format("flat 0-0010", 0).format.code, codes[flips]);
	}
}

TEST_F(Graph, SelectionsOfTheSensor)
{
	const std::map<uint32_t, v4l2_rect> expected = {
		{ V4L2_SEL_TGT_NATIVE_SIZE, { 0, 0, 80, 64 } },
		{ V4L2_SEL_TGT_CROP_BOUNDS, { 8, 8, 64, 48 } },
		{ V4L2_SEL_TGT_CROP_DEFAULT, { 8, 8, 64, 48 } },
		{ V4L2_SEL_TGT_CROP, { 8, 8, 64, 48 } },
	};

	for (const auto &[target, rect] : expected) {
		v4l2_subdev_selection selection = {};
		selection.which = V4L2_SUBDEV_FORMAT_ACTIVE;
		selection.target = target;
		ASSERT_EQ(sensorFile_->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), 0);
		EXPECT_EQ(memcmp(&selection.r, &rect, sizeof(rect)), 0) << target;
	}
}

/* Each format that differs along the way is refused at STREAMON. */
TEST_F(Graph, LinksAreValidated)
{
	configure();
	{
		auto raw = stream("fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
		EXPECT_EQ(raw->on(), 0);
	}

	for (const char *label : { "fovea-csi2rx0", "fovea-frontend0", "fovea-backend", "fovea-scaler0" }) {
		configure();
		v4l2_subdev_format set = {};
		set.which = V4L2_SUBDEV_FORMAT_ACTIVE;
		set.format.code = MEDIA_BUS_FMT_SRGGB10_1X10;
		set.format.width = 32;
		set.format.height = 48;
		ASSERT_EQ(open(label)->ioctl(VIDIOC_SUBDEV_S_FMT, &set), 0);

		auto raw = stream("fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
		EXPECT_EQ(raw->on(), -EPIPE) << label;
	}

	configure();
	v4l2_format other = {};
	other.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	other.fmt.pix_mp.width = 64;
	other.fmt.pix_mp.height = 48;
	other.fmt.pix_mp.pixelformat = V4L2_PIX_FMT_SRGGB12;
	ASSERT_EQ(open("fovea-raw0")->ioctl(VIDIOC_S_FMT, &other), 0);
	auto raw = stream("fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
	EXPECT_EQ(raw->on(), -EPIPE);
}

TEST_F(Graph, BackEndNeedsItsLink)
{
	configure();
	ASSERT_EQ(setImageLink(false), 0);

	{
		auto main = stream("fovea-main0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
		EXPECT_EQ(main->on(), -ENOLINK);
		auto raw = stream("fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
		EXPECT_EQ(raw->on(), 0);
		EXPECT_EQ(setImageLink(true), -EBUSY);
	}

	EXPECT_EQ(setImageLink(true), 0);
	auto main = stream("fovea-main0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
	EXPECT_EQ(main->on(), 0);
	EXPECT_EQ(setImageLink(false), -EBUSY);
}

TEST_F(Graph, NothingChangesWhileStreaming)
{
	configure();
	auto raw = stream("fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
	ASSERT_EQ(raw->on(), 0);

	for (const char *label : { "flat 0-0010", "fovea-csi2rx0", "fovea-frontend0",
				   "fovea-backend", "fovea-scaler0" }) {
		v4l2_subdev_format set = format(label, 0);
		EXPECT_EQ(open(label)->ioctl(VIDIOC_SUBDEV_S_FMT, &set), -EBUSY) << label;
		set.which = V4L2_SUBDEV_FORMAT_TRY;
		EXPECT_EQ(open(label)->ioctl(VIDIOC_SUBDEV_S_FMT, &set), 0) << label;
	}

	EXPECT_EQ(setControl(V4L2_CID_HFLIP, 1), -EBUSY);
	EXPECT_EQ(setControl(V4L2_CID_EXPOSURE, 20), 0);
	ASSERT_EQ(raw->off(), 0);
	EXPECT_EQ(setControl(V4L2_CID_HFLIP, 1), 0);
}

TEST_F(Graph, FormatsOfTheNodes)
{
	auto main = open("fovea-main0");
	v4l2_fmtdesc description = {};
	description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	for (const uint32_t format : { V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_XBGR32, V4L2_PIX_FMT_NV12M, V4L2_PIX_FMT_NV21,
				       V4L2_PIX_FMT_NV16, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_BGR24, V4L2_PIX_FMT_GREY }) {
		ASSERT_EQ(main->ioctl(VIDIOC_ENUM_FMT, &description), 0);
		EXPECT_EQ(description.pixelformat, format);
		description.index++;
	}
	EXPECT_EQ(main->ioctl(VIDIOC_ENUM_FMT, &description), -EINVAL);

	/* The filter by bus code leaves the unpacked and the packed raw format. */
	auto raw = open("fovea-raw0");
	description = {};
	description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	description.mbus_code = MEDIA_BUS_FMT_SBGGR12_1X12;
	ASSERT_EQ(raw->ioctl(VIDIOC_ENUM_FMT, &description), 0);
	EXPECT_EQ(description.pixelformat, static_cast<uint32_t>(V4L2_PIX_FMT_SBGGR12));
	description.index = 1;
	ASSERT_EQ(raw->ioctl(VIDIOC_ENUM_FMT, &description), 0);
	EXPECT_EQ(description.pixelformat, static_cast<uint32_t>(V4L2_PIX_FMT_SBGGR12P));
	description.index = 2;
	EXPECT_EQ(raw->ioctl(VIDIOC_ENUM_FMT, &description), -EINVAL);

	v4l2_format format = {};
	format.type = V4L2_BUF_TYPE_META_OUTPUT;
	ASSERT_EQ(open("fovea-params")->ioctl(VIDIOC_G_FMT, &format), 0);
	EXPECT_EQ(format.fmt.meta.dataformat, V4L2_META_FMT_FOVEA_ISP_PARAMS);
	EXPECT_EQ(format.fmt.meta.buffersize, FOVEA_ISP_PARAMS_MAX_SIZE);
}

} /* namespace */
