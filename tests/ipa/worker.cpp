/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The module in its isolated worker, through libcamera's proxy
 */

#include <fstream>
#include <memory>
#include <sstream>
#include <stdlib.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <libcamera/base/event_dispatcher.h>
#include <libcamera/base/thread.h>
#include <libcamera/base/timer.h>

#include <libcamera/camera_manager.h>
#include <libcamera/control_ids.h>

#include <libcamera/ipa/fovea_ipa_proxy.h>

#include "libcamera/internal/ipa_module.h"

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;
using namespace libcamera::ipa::fovea;
using namespace std::chrono_literals;

namespace {

std::string readFile(const std::string &path)
{
	std::ifstream file(path, std::ios::binary);
	std::stringstream content;
	content << file.rdbuf();
	return content.str();
}

IPABuffer makeBuffer(uint32_t id, size_t size)
{
	FrameBuffer::Plane plane;
	plane.fd = SharedFD(memfd_create("buffer", MFD_CLOEXEC));
	plane.offset = 0;
	plane.length = size;
	EXPECT_EQ(ftruncate(plane.fd.get(), size), 0);
	return IPABuffer(id, std::vector<FrameBuffer::Plane>{ plane });
}

class Worker : public testing::Test
{
protected:
	void SetUp() override
	{
		setenv("LIBCAMERA_IPA_PROXY_PATH", PROXY_DIR, 1);
		setenv("FOVEA_SOCKET", "/somewhere/socket", 1);
		setenv("LD_PRELOAD", "/nonexistent/libfovea-v4l2.so", 1);

		manager_ = std::make_unique<CameraManager>();
		module_ = std::make_unique<IPAModule>(IPA_MODULE);
		ASSERT_TRUE(module_->isValid());
		proxy_ = std::make_unique<IPAProxyFovea::Isolated>(module_.get(), *manager_);
		ASSERT_TRUE(proxy_->isValid());
		unsetenv("LD_PRELOAD");

		proxy_->paramsComputed.connect(this, [this](uint32_t, uint32_t bytes) {
			bytesUsed_ = bytes;
		});
		proxy_->setSensorControls.connect(this, [this](uint32_t, const ControlList &list) {
			sensorControls_ = list.size();
		});
		proxy_->metadataReady.connect(this, [this](uint32_t, const ControlList &list) {
			metadata_ = list;
			answered_ = true;
		});
	}

	/* Process events until the worker has answered processStats(). */
	bool waitForMetadata()
	{
		Timer timer;
		timer.start(5s);
		while (!answered_ && timer.isRunning())
			Thread::current()->eventDispatcher()->processEvents();
		return answered_;
	}

	/* The youngest child; those of earlier tests may not be reaped yet. */
	std::string workerPid() const
	{
		std::istringstream children(readFile("/proc/thread-self/children"));
		std::string pid;
		while (children >> pid)
			continue;
		return pid;
	}

	CameraLoop description_;
	std::unique_ptr<CameraManager> manager_;
	std::unique_ptr<IPAModule> module_;
	std::unique_ptr<IPAProxyFovea::Isolated> proxy_;

	uint32_t bytesUsed_ = 0;
	size_t sensorControls_ = 0;
	ControlList metadata_;
	bool answered_ = false;
};

TEST_F(Worker, AnswersAFrame)
{
	ControlInfoMap controls;
	const IPASettings settings{ TUNING_DIR "/imx219.yaml", "imx219" };
	ASSERT_EQ(proxy_->init(settings, description_.configInfo(10), &controls), 0);
	EXPECT_EQ(controls.count(&controls::ExposureTime), 1u);
	ASSERT_EQ(proxy_->configure(description_.configInfo(10), &controls), 0);

	proxy_->mapBuffers({ makeBuffer(1, FOVEA_ISP_PARAMS_MAX_SIZE),
			     makeBuffer(2, sizeof(fovea_isp_stats_buffer)) });

	ControlList sensorControls;
	int32_t ret = -1;
	proxy_->start(ControlList(controls::controls), &sensorControls, &ret);
	ASSERT_EQ(ret, 0);
	EXPECT_EQ(sensorControls.size(), 3u);

	proxy_->queueRequest(0, ControlList(controls::controls));
	proxy_->computeParams(0, 1);
	proxy_->processStats(0, 2, ControlList(controls::controls));
	ASSERT_TRUE(waitForMetadata());
	EXPECT_GT(bytesUsed_, sizeof(v4l2_isp_params_buffer));
	EXPECT_EQ(sensorControls_, 3u);
	EXPECT_TRUE(metadata_.get(controls::ExposureTime));
	proxy_->stop();
}

TEST_F(Worker, RefusesAMalformedTuningFile)
{
	const std::string path = testing::TempDir() + "malformed.yaml";
	std::ofstream(path) << "version: 1\nalgorithms:\n  - Agc: { speed: 7 }\n";
	ControlInfoMap controls;
	EXPECT_EQ(proxy_->init(IPASettings{ path, "imx219" }, description_.configInfo(10), &controls),
		  -EINVAL);
	unlink(path.c_str());
}

TEST_F(Worker, CannotReachTheServer)
{
	/* An answer tells that the worker is past its start. */
	ControlInfoMap controls;
	proxy_->init(IPASettings{ "", "imx219" }, description_.configInfo(10), &controls);

	const std::string pid = workerPid();
	ASSERT_FALSE(pid.empty());
	const std::string environment = readFile("/proc/" + pid + "/environ");
	EXPECT_NE(environment.find("PATH="), std::string::npos);
	EXPECT_EQ(environment.find("FOVEA_"), std::string::npos);
	EXPECT_EQ(environment.find("LD_PRELOAD"), std::string::npos);
	EXPECT_NE(readFile("/proc/" + pid + "/status").find("NoNewPrivs:\t1"), std::string::npos);
	EXPECT_NE(readFile("/proc/" + pid + "/maps").find("ipa_fovea.so"), std::string::npos);
	EXPECT_EQ(readFile("/proc/" + pid + "/maps").find("libfovea-v4l2"), std::string::npos);
}

} /* namespace */
