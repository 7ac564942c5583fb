/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Fovea ISP: userspace API of the parameters and statistics buffers
 *
 * Parameters use the V4L2 extensible ISP format (linux/media/v4l2-isp.h),
 * version V4L2_ISP_PARAMS_VERSION_V1. The device validates a whole buffer at
 * VIDIOC_QBUF: an unknown version, block type or size, a block given twice,
 * both or undefined flags, a non-zero reserved field or a field out of its
 * range gives -EINVAL, and nothing of the buffer is applied. A block that is
 * left out keeps its state; all blocks return to their reset values when the
 * first queue of the pipeline starts streaming.
 *
 * Flags: V4L2_ISP_PARAMS_FL_BLOCK_ENABLE enables a block and applies its values,
 * V4L2_ISP_PARAMS_FL_BLOCK_DISABLE disables it. A block with neither changes the
 * values and stays enabled or disabled as it was. A block with the disable flag
 * may end with its header (size 8), its values then stay as they were; a full
 * one is checked and applied as any other. Values of a disabled block have no
 * effect until it is enabled.
 *
 * Arithmetic is that of integers of unbounded width; >> rounds towards minus
 * infinity, clamp(v, min, max) limits v to that range.
 *
 * Number formats: UQm.n is an unsigned and Qm.n a signed two's complement
 * fixed-point number with m integer bits (sign included in Q) and n fractional
 * bits. The working range of the linear domain is 14 bits: 0 to 16383. The
 * working range behind the gamma block is 12 bits: 0 to 4095.
 *
 * Order of the blocks: decompand, black level, merging of exposures, compression
 * of the linear range, corrections of the defects of the list, statistics,
 * dynamic correction of defects, raw noise reduction, lens shading and gains,
 * correction of chromatic aberration, demosaic, colour matrix, local tone
 * mapping, gamma, 3D look-up table, conversion to Y'CbCr, temporal noise
 * reduction, chroma noise reduction, sharpening, correction of geometry. Where a
 * block looks at neighbours, samples outside of the frame are those inside that
 * its description names.
 *
 * Jobs: while the parameters queue streams, one parameters buffer is one job.
 * VIDIOC_QBUF on the parameters node closes the job: for every other streaming
 * queue it takes the oldest buffer that is queued and not yet part of a job. At
 * the start of a frame the oldest job is taken and its parameters apply to that
 * frame; all its buffers complete with the sequence number of that frame. A
 * frame that starts without a job produces no buffer at all. While the
 * parameters queue does not stream, each frame takes the oldest buffer of each
 * queue, and parameters stay at their reset values.
 *
 * Queues of the pipeline: those of the front end that feeds the back end, and
 * those of the back end. A front end that does not feed it has its own frames,
 * without jobs, with parameters at their reset values. Where the back end is fed
 * from memory there is no frame start: a frame is processed when every queue of
 * the back end that streams, the input included, has a buffer, and takes the
 * oldest of each. Sequence numbers then count the frames, and the buffers have
 * the timestamp of the input's.
 *
 * Statistics are taken from the samples that enter the back end, and from those
 * that leave a front end, which are the same where that front end feeds it.
 */

#ifndef _UAPI_FOVEA_ISP_H
#define _UAPI_FOVEA_ISP_H

#include <linux/media/v4l2-isp.h>
#include <linux/types.h>
#include <linux/videodev2.h>

/* Driver name in struct media_device_info and struct v4l2_capability. */
#define FOVEA_ISP_DRIVER_NAME		"fovea-isp"

/*
 * Hardware revision in struct media_device_info::hw_revision. Later revisions
 * only add blocks, statistics and entities.
 *
 * Revision 2 adds the parameters blocks from FOVEA_ISP_BLOCK_ROW_STATS on and
 * version 2 of the statistics.
 */
#define FOVEA_ISP_HW_REVISION_1		1
#define FOVEA_ISP_HW_REVISION_2		2

#ifndef V4L2_META_FMT_FOVEA_ISP_PARAMS
/* Extensible parameters of the Fovea ISP (V4L2_BUF_TYPE_META_OUTPUT). */
#define V4L2_META_FMT_FOVEA_ISP_PARAMS	v4l2_fourcc('F', 'V', 'I', 'P')
#endif

#ifndef V4L2_META_FMT_FOVEA_ISP_STATS
/* struct fovea_isp_stats_buffer (V4L2_BUF_TYPE_META_CAPTURE). */
#define V4L2_META_FMT_FOVEA_ISP_STATS	v4l2_fourcc('F', 'V', 'I', 'S')
#endif

/* ---------------------------------------------------------------------------
 * Parameters
 */

/**
 * enum fovea_isp_block_type - Types of the parameters blocks
 *
 * @FOVEA_ISP_BLOCK_BLACK_LEVEL: Black level, struct fovea_isp_black_level
 * @FOVEA_ISP_BLOCK_WB_GAINS: White-balance gains, struct fovea_isp_wb_gains
 * @FOVEA_ISP_BLOCK_DEMOSAIC: Demosaic, struct fovea_isp_demosaic
 * @FOVEA_ISP_BLOCK_CCM: Colour matrix, struct fovea_isp_ccm
 * @FOVEA_ISP_BLOCK_GAMMA: Gamma, struct fovea_isp_gamma
 * @FOVEA_ISP_BLOCK_CSC: Colour-space conversion, struct fovea_isp_csc
 * @FOVEA_ISP_BLOCK_AE_STATS: Exposure statistics, struct fovea_isp_ae_stats_config
 * @FOVEA_ISP_BLOCK_AWB_STATS: White-balance statistics,
 *			       struct fovea_isp_awb_stats_config
 * @FOVEA_ISP_BLOCK_DPC: Defect pixels, struct fovea_isp_dpc
 * @FOVEA_ISP_BLOCK_LSC: Lens shading, struct fovea_isp_lsc
 * @FOVEA_ISP_BLOCK_CHROMA_NR: Chroma noise reduction,
 *			       struct fovea_isp_chroma_nr
 * @FOVEA_ISP_BLOCK_SHARPEN: Sharpening, struct fovea_isp_sharpen
 * @FOVEA_ISP_BLOCK_AF_STATS: Focus statistics, struct fovea_isp_af_stats_config
 * @FOVEA_ISP_BLOCK_ROW_STATS: Row sums, struct fovea_isp_row_stats_config
 * @FOVEA_ISP_BLOCK_TONE_STATS: Histograms of zones,
 *				struct fovea_isp_tone_stats_config
 * @FOVEA_ISP_BLOCK_RAW_NR: Raw noise reduction, struct fovea_isp_raw_nr
 * @FOVEA_ISP_BLOCK_CAC: Chromatic aberration, struct fovea_isp_cac
 * @FOVEA_ISP_BLOCK_DECOMPAND: Decompand, struct fovea_isp_decompand
 * @FOVEA_ISP_BLOCK_MERGE: Merging of exposures, struct fovea_isp_merge
 * @FOVEA_ISP_BLOCK_RANGE: Compression of the linear range, struct fovea_isp_range
 * @FOVEA_ISP_BLOCK_LOCAL_TONE: Local tone mapping, struct fovea_isp_local_tone
 * @FOVEA_ISP_BLOCK_LUT3D: Table of colours, struct fovea_isp_lut3d
 * @FOVEA_ISP_BLOCK_TEMPORAL_NR: Temporal noise reduction,
 *				 struct fovea_isp_temporal_nr
 * @FOVEA_ISP_BLOCK_DEWARP: Correction of geometry, struct fovea_isp_dewarp
 *
 * The value 0 is not a block type.
 */
enum fovea_isp_block_type {
	FOVEA_ISP_BLOCK_BLACK_LEVEL = 1,
	FOVEA_ISP_BLOCK_WB_GAINS = 2,
	FOVEA_ISP_BLOCK_DEMOSAIC = 3,
	FOVEA_ISP_BLOCK_CCM = 4,
	FOVEA_ISP_BLOCK_GAMMA = 5,
	FOVEA_ISP_BLOCK_CSC = 6,
	FOVEA_ISP_BLOCK_AE_STATS = 7,
	FOVEA_ISP_BLOCK_AWB_STATS = 8,
	FOVEA_ISP_BLOCK_DPC = 9,
	FOVEA_ISP_BLOCK_LSC = 10,
	FOVEA_ISP_BLOCK_CHROMA_NR = 11,
	FOVEA_ISP_BLOCK_SHARPEN = 12,
	FOVEA_ISP_BLOCK_AF_STATS = 13,
	FOVEA_ISP_BLOCK_ROW_STATS = 18,
	FOVEA_ISP_BLOCK_TONE_STATS = 19,
	FOVEA_ISP_BLOCK_RAW_NR = 20,
	FOVEA_ISP_BLOCK_CAC = 21,
	FOVEA_ISP_BLOCK_DECOMPAND = 22,
	FOVEA_ISP_BLOCK_MERGE = 23,
	FOVEA_ISP_BLOCK_RANGE = 24,
	FOVEA_ISP_BLOCK_LOCAL_TONE = 14,
	FOVEA_ISP_BLOCK_LUT3D = 15,
	FOVEA_ISP_BLOCK_TEMPORAL_NR = 16,
	FOVEA_ISP_BLOCK_DEWARP = 17,
};

/**
 * struct fovea_isp_black_level - Black level
 *
 * Samples of n bits are first aligned to 16 bits (shifted left by 16 - n; bits of
 * a 16-bit word above the n bits of the sample are ignored). The
 * black level of the pixel's colour is subtracted, negative results become 0,
 * and the result is divided by 4 with rounding to the 14-bit working range:
 * min(16383, (max(0, sample16 - level) + 2) >> 2). With decompand, merging of
 * exposures or compression of the linear range the level is subtracted from linear
 * samples of 20 bits, see struct fovea_isp_decompand. The statistics see the
 * samples behind these blocks. Disabled: level 0. Reset: disabled.
 *
 * @header: type FOVEA_ISP_BLOCK_BLACK_LEVEL
 * @r: red level, 0 to 65535, in units of 1/65536 of the 16-bit aligned range
 * @gr: green level in the rows of red
 * @gb: green level in the rows of blue
 * @b: blue level
 */
struct fovea_isp_black_level {
	struct v4l2_isp_params_block_header header;
	__u16 r;
	__u16 gr;
	__u16 gb;
	__u16 b;
} __attribute__((aligned(8)));

/* Knees of the curve of struct fovea_isp_decompand. */
#define FOVEA_ISP_DECOMPAND_KNEES	16

/**
 * struct fovea_isp_decompand - Decompand
 *
 * A sensor with a wide linear range sends a piecewise linear code of it. This is the
 * inverse curve, from codes to linear samples of 20 bits. The code c is aligned to 16
 * bits and limited to those of the first and of the last knee. It lies between the
 * knees i and i + 1, the last but one being the largest i, whose distance is w =
 * @x[i + 1] - @x[i]. Slopes have n fractional bits, with which the sample of the last
 * knee has 30 bits: m = (((@y[i + 1] - @y[i]) << n) + (w >> 1)) / w (integer division).
 * The sample is the smaller one of that of the last knee and @y[i] + ((m * (c - @x[i]) +
 * 2^(n - 1)) >> n): between knees it is off by at most 1/32768 of the largest one.
 * Disabled: the code itself. Reset: disabled, two knees (0, 0), (65535, 65535), which
 * change nothing.
 *
 * Up to nine knees are fastest.
 *
 * Where this block, struct fovea_isp_merge or struct fovea_isp_range is enabled, or
 * the frame has several exposures, samples stay linear with 20 bits up to the
 * compression of the range: black level is max(0, sample - level), of each exposure,
 * and the result is brought to 14 bits by struct fovea_isp_range.
 *
 * @header: type FOVEA_ISP_BLOCK_DECOMPAND
 * @count: knees in use, 2 to FOVEA_ISP_DECOMPAND_KNEES
 * @reserved: must be 0
 * @x: codes, aligned to 16 bits, increasing; entries from @count on are ignored
 * @y: linear samples, 0 to 1048575, not decreasing
 */
struct fovea_isp_decompand {
	struct v4l2_isp_params_block_header header;
	__u16 count;
	__u16 reserved[3];
	__u16 x[FOVEA_ISP_DECOMPAND_KNEES];
	__u32 y[FOVEA_ISP_DECOMPAND_KNEES];
} __attribute__((aligned(8)));

/* Exposures that a frame may have. */
#define FOVEA_ISP_EXPOSURES		3

/**
 * struct fovea_isp_merge - Merging of exposures
 *
 * A frame of E exposures (2 or 3) has E times as many rows as the picture: its row E
 * y + e is row y of exposure e, 0 the longest. A front end's image pad then has 1 / E
 * of its sink's height. Each exposure is brought to one scale by its gain: x = min(
 * 1048575, (sample * @gain[e] + 512) >> 10). From the shortest on, whose x is the
 * first h, each longer one is merged with h, with one weight for the four samples of
 * a quad: h = x + (((h - x) * w + 128) >> 8), w = max(ws, wm).
 *
 * Saturation: with the brightest sample m of the quad in this exposure, before the
 * gain, ws = W(m - @saturation, @saturation_slope). Motion: with the means X and H of
 * the four x and h, (sum + 2) >> 2, wm = W(|X - H| - @motion_offset - (((H >> 4) *
 * @motion_relative) >> 12), @motion_slope). W(v, slope) = min(256, (clamp(v, 0, 65535)
 * * slope) >> 16). Where something has moved all of it is thus seen in the shorter
 * exposure, noisier but once.
 *
 * Disabled: the longest exposure alone, without gain. Reset: disabled, gains 1.0,
 * @saturation 1048575, all else 0.
 *
 * @header: type FOVEA_ISP_BLOCK_MERGE
 * @gain: of each exposure, the longest first, UQ6.10, 1024 is 1.0; those of
 *	exposures that the frame does not have are ignored
 * @saturation_slope: in 2^-24 of the full weight for each unit above @saturation: the
 *	full weight is reached 2^24 / @saturation_slope units above
 * @saturation: linear samples, 0 to 1048575
 * @motion_offset: linear samples on the common scale, 0 to 65535
 * @motion_relative: UQ0.16 of the brightness
 * @motion_slope: as @saturation_slope; 0 turns the guard off
 * @reserved: must be 0
 */
struct fovea_isp_merge {
	struct v4l2_isp_params_block_header header;
	__u16 gain[FOVEA_ISP_EXPOSURES];
	__u16 saturation_slope;
	__u32 saturation;
	__u16 motion_offset;
	__u16 motion_relative;
	__u16 motion_slope;
	__u16 reserved[3];
} __attribute__((aligned(8)));

/* Points of the gains of struct fovea_isp_range. */
#define FOVEA_ISP_RANGE_POINTS		57

/**
 * struct fovea_isp_range - Compression of the linear range
 *
 * Linear samples of 20 bits become those of the 14-bit working range, so that ratios of
 * the colours stay: min(16383, (sample * g + 32768) >> 16). The gain g depends on the
 * brightest sample around: a sample lies in up to four squares of 2x2 samples inside of
 * the frame, each of which has all colours, and v is the smallest of their largest
 * samples, at least 64. One of the squares lies on the sample's own side of an edge.
 * The gain is a piecewise linear function of v, with four segments an octave from 2^6
 * on: for 2^k <= v < 2^(k + 1) it is segment i = 4 * (k - 6) + ((v >> (k - 2)) & 3),
 * the fraction is f = (v mod 2^(k - 2)) * 2^(17 - k) (rounded down), and g = @gain[i] +
 * (((@gain[i + 1] - @gain[i]) * f + 16384) >> 15). Disabled: g = 16384, which is
 * min(16383, (sample + 2) >> 2). Reset: disabled, all gains 16384.
 *
 * @header: type FOVEA_ISP_BLOCK_RANGE
 * @gain: UQ0.16, at 64, 80, 96, 112, 128, 160 ... 917504, 1048576
 * @reserved: must be 0
 */
struct fovea_isp_range {
	struct v4l2_isp_params_block_header header;
	__u16 gain[FOVEA_ISP_RANGE_POINTS];
	__u16 reserved[3];
} __attribute__((aligned(8)));

/* Defects in the list of struct fovea_isp_dpc. */
#define FOVEA_ISP_DPC_DEFECTS		128

/**
 * struct fovea_isp_defect - A defect pixel
 *
 * @x: column of the mosaic
 * @y: row of the mosaic
 */
struct fovea_isp_defect {
	__u16 x;
	__u16 y;
};

/**
 * struct fovea_isp_dpc - Correction of defect pixels
 *
 * The pixels of the list are known defects. Each is replaced, in the order of
 * the list, by the mean (left + right + 1) >> 1 of its row's neighbours of the
 * same colour, x - 2 and x + 2; where only one is inside of the frame, by that.
 * Defects outside of the frame are ignored. The statistics see the result.
 *
 * Behind the statistics every sample v is compared with the smallest (lo) and
 * the largest (hi) of the eight samples of its own colour around it, at
 * distances of 0 and 2 in x and y. It becomes hi where v > hi + @hot, lo where
 * v < lo - @cold. Neighbours outside of the frame are those mirrored about the
 * first and last row and column of the sample's own colour (-2 is 2, and -1 is
 * 3). Disabled: no correction. Reset: disabled, @hot and @cold 16383, no
 * defects.
 *
 * @header: type FOVEA_ISP_BLOCK_DPC
 * @hot: 14-bit units, 0 to 16383: how much brighter than all of its neighbours a
 *	sample may be. 16383 never corrects
 * @cold: the same for darker samples
 * @count: entries of @defects in use, 0 to FOVEA_ISP_DPC_DEFECTS
 * @reserved: must be 0
 * @defects: in increasing order of y, then x, no two alike; entries from @count
 *	on are ignored
 */
struct fovea_isp_dpc {
	struct v4l2_isp_params_block_header header;
	__u16 hot;
	__u16 cold;
	__u16 count;
	__u16 reserved;
	struct fovea_isp_defect defects[FOVEA_ISP_DPC_DEFECTS];
} __attribute__((aligned(8)));

/* Lines of the model of noise of struct fovea_isp_raw_nr. */
#define FOVEA_ISP_RAW_NR_LINES		4

/**
 * struct fovea_isp_raw_nr - Noise reduction of the mosaic
 *
 * A smoothing of each of the four colours of the mosaic that keeps edges, in front
 * of lens shading and gains, where the noise depends on the sample alone. With the
 * sample v and its eight neighbours n of the same colour, at distances of 0 and 2
 * in x and y, avg(a, b) = (a + b + 1) >> 1, M = avg(avg(left, right), avg(above,
 * below)) and m = M + ((v - M) >> 3): t = min(4095, @offset[i] + ((@slope[i] * m) >>
 * 16)) over all lines i, f(d) = clamp(d, -r, r) with r = max(0, 2 * t - |d|), and the
 * output v + ((@strength * (sum of f(n - v)) + 16384) >> 15). Differences up to t are
 * taken as noise, those of 2 t and more as edges, which have no influence at all.
 * Neighbours outside of the frame are those of struct fovea_isp_dpc. Disabled: no
 * change. Reset: disabled, all values 0.
 *
 * The standard deviation of noise sqrt(a v + b) (shot and read noise) is concave:
 * tangents times a factor of about 3 serve as lines.
 *
 * @header: type FOVEA_ISP_BLOCK_RAW_NR
 * @offset: of each line, 14-bit units, 0 to 4095
 * @slope: of each line, UQ0.16
 * @strength: UQ1.15, 0 to 4096 (0.125); 3641 is the mean of the nine samples
 * @reserved: must be 0
 */
struct fovea_isp_raw_nr {
	struct v4l2_isp_params_block_header header;
	__u16 offset[FOVEA_ISP_RAW_NR_LINES];
	__u16 slope[FOVEA_ISP_RAW_NR_LINES];
	__u16 strength;
	__u16 reserved[3];
} __attribute__((aligned(8)));

/* Nodes of the mesh of struct fovea_isp_cac, its limit, and columns of a group. */
#define FOVEA_ISP_CAC_NODES_X		9
#define FOVEA_ISP_CAC_NODES_Y		9
#define FOVEA_ISP_CAC_NODES		(FOVEA_ISP_CAC_NODES_X * FOVEA_ISP_CAC_NODES_Y)
#define FOVEA_ISP_CAC_SHIFT_MAX		1007
#define FOVEA_ISP_CAC_GROUP		16

/**
 * struct fovea_isp_cac_shift - Where a colour lies at a node
 *
 * @x: columns to the right of where green has it, Q8.8 pixels, -1007 to 1007
 *	(3.93)
 * @y: rows below where green has it, Q8.8 pixels, -1007 to 1007
 */
struct fovea_isp_cac_shift {
	__s16 x;
	__s16 y;
};

/**
 * struct fovea_isp_cac - Correction of lateral chromatic aberration
 *
 * A lens images each colour in another size. Red and blue are taken from where they
 * lie, behind lens shading and gains; green stays. The shift in quads is found on a
 * mesh of 9x9 nodes: node i of a row lies at the quad i * quads_x / 8 (integer
 * division), and between nodes it is interpolated as in struct fovea_isp_lsc, in x,
 * then in y, for each row of quads and, in x, for groups of FOVEA_ISP_CAC_GROUP
 * quads at their column 16 g + 8, at most the last of the frame.
 *
 * With such a shift d in each direction, D = (d + 8) >> 4 is in units of 1/32 quad,
 * p = D >> 5 whole quads and f = D & 31. Of the four samples v of the colour at
 * distances of p - 1 to p + 2 quads the interpolated value is v[0] + sum of
 * ((c[k] * (v[k] - v[0]) + 16384) >> 15) over k = -1, 1, 2, with c[k] = w(|f - 32
 * k|) >> 1, w(t) the cubic convolution of the scaling below with u = 32: first in
 * the columns, then, of four such results, in the row. The output is clamped to 0
 * to 16383. Samples outside of the frame are those at the border of the colour.
 * Disabled: no change. Reset: disabled, all shifts 0.
 *
 * @header: type FOVEA_ISP_BLOCK_CAC
 * @r: shifts of red, row by row
 * @b: shifts of blue
 */
struct fovea_isp_cac {
	struct v4l2_isp_params_block_header header;
	struct fovea_isp_cac_shift r[FOVEA_ISP_CAC_NODES];
	struct fovea_isp_cac_shift b[FOVEA_ISP_CAC_NODES];
} __attribute__((aligned(8)));

/* Nodes of the mesh of struct fovea_isp_lsc. */
#define FOVEA_ISP_LSC_NODES_X		33
#define FOVEA_ISP_LSC_NODES_Y		33
#define FOVEA_ISP_LSC_NODES		(FOVEA_ISP_LSC_NODES_X * FOVEA_ISP_LSC_NODES_Y)

/**
 * struct fovea_isp_lsc - Lens-shading correction
 *
 * A gain for each colour on a mesh of 33x33 nodes, interpolated between them.
 * It is applied together with the gains of struct fovea_isp_wb_gains: the two
 * are multiplied at the nodes, w = min(32767, (node * gain + 4096) >> 13), UQ5.11.
 *
 * Node i of a row lies at the quad (2x2 samples) s(i) = i * quads_x / 32 (integer
 * division). A quad x of cell i, s(i) <= x < s(i + 1), has the fraction f =
 * (x - s(i)) * 32768 / (s(i + 1) - s(i)), and between the nodes a and b of one
 * row: a + (((b - a) * f + 16384) >> 15). Two such results, of the rows of nodes
 * above and below the quad, are interpolated in the same way with its fraction
 * in y. Each sample is then min(16383, (value * w) >> 11). Disabled: all nodes
 * are 1.0. Reset: disabled.
 *
 * @header: type FOVEA_ISP_BLOCK_LSC
 * @r: nodes of red, row by row, UQ4.12, 0 to 65535; 4096 is 1.0
 * @gr: nodes of green in the rows of red
 * @gb: nodes of green in the rows of blue
 * @b: nodes of blue
 */
struct fovea_isp_lsc {
	struct v4l2_isp_params_block_header header;
	__u16 r[FOVEA_ISP_LSC_NODES];
	__u16 gr[FOVEA_ISP_LSC_NODES];
	__u16 gb[FOVEA_ISP_LSC_NODES];
	__u16 b[FOVEA_ISP_LSC_NODES];
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_wb_gains - Digital and white-balance gains
 *
 * min(16383, (value * w) >> 11), where w is (gain + 1) >> 1 without lens-shading
 * correction, limited to 32767; with it see struct fovea_isp_lsc. Disabled: all
 * gains are 1.0. Reset: disabled.
 *
 * @header: type FOVEA_ISP_BLOCK_WB_GAINS
 * @r: red gain, UQ4.12, 0 to 65535 (15.9998); 4096 is 1.0
 * @gr: gain of green in the rows of red, UQ4.12
 * @gb: gain of green in the rows of blue, UQ4.12
 * @b: blue gain, UQ4.12
 */
struct fovea_isp_wb_gains {
	struct v4l2_isp_params_block_header header;
	__u16 r;
	__u16 gr;
	__u16 gb;
	__u16 b;
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_demosaic - Demosaic
 *
 * Edge-directed interpolation of the Bayer mosaic to three full planes.
 * Disabled: bilinear interpolation. Reset: enabled, @direction_threshold and @refine 0.
 *
 * The results are green G and, in half units, the differences of red (P) and blue (Q)
 * to green; limit16(v) is clamp(v, -32768, 32767) and avg(a, b) is (a + b + 1) >> 1.
 * Samples outside of the frame are those mirrored about the first and the last row and
 * column. At a red or blue site with sample C at (x, y), with G the green samples
 * around it and c0 and c1 those of its own colour at x - 2, x + 2:
 *
 *   KH = limit16(2 C - G(x-1) - G(x+1) - ((2 C - c0 - c1) >> 1))
 *   DH = |limit16(KH - KH(x+2))|
 *   RH = avg(DH(x-2), DH(x))
 *   SH = min(32767, avg(avg(RH(y-2), RH(y+2)), RH(y)))
 *
 * and KV, DV, RV, SV with x and y exchanged. S is twice the mean gradient of the
 * colour difference. The difference K is KH where SV - SH > 2 * @direction_threshold,
 * KV where SH - SV > 2 * @direction_threshold, and avg(KH, KV) elsewhere.
 *
 * With @refine there are candidates at green sites, too: with G the sample, c0 and c1
 * those of the colour to the left and right, and g0 and g1 the green ones at x - 2, x + 2,
 *
 *   KH = limit16(((2 G - g0 - g1) >> 1) - (2 G - c0 - c1))
 *
 * and KV with x and y exchanged. At a red or blue site each of the four sides has a value
 * X and a cost S. To the left, with DH = |limit16(KH(x-1) - KH)| at every x, they are
 *
 *   XL = avg(KH, KH(x-1))
 *   RL = avg(avg(DH(x-3), DH(x-2)), avg(DH(x-1), DH))
 *   SL = min(32767, avg(avg(RL(y-2), RL(y+2)), RL) + 2 * @direction_threshold)
 *
 * to the right avg(KH, KH(x+1)) and SL(x+4), and XA, SA above and XB, SB below are the
 * same with x and y exchanged. With weights by the ratios of costs, where l(v) = (e << 10)
 * + ((v + 1) << 10 >> e) - 1024, e the number of the uppermost bit of v + 1, which is about
 * 1024 log2(v + 1):
 *
 *   w(a, b, n) = min(32767, 16384 + (clamp(l(b) - l(a), -16384 >> n, 16384 >> n) << n))
 *   mix(p, q, w) = q + ((limit16(p - q) * w + 16384) >> 15)
 *   K = mix(mix(XL, XR, w(SL, SR, 3)), mix(XA, XB, w(SA, SB, 3)),
 *           w(min(SL, SR), min(SA, SB), 4))
 *
 * At the site G is C - ((K + 1) >> 1), and the difference of its colour is K. At a
 * green site G is the sample, and a difference is the avg of K at the two neighbours of
 * that colour. Q at a red site, and P at a blue one, is avg(left, right), where left is
 * the avg of the upper and the lower K at the corners on the left, right the same on
 * the right.
 *
 * With @refine these differences are means with weights instead, of two pairs of
 * opposite neighbours. With X(p), X(q) the differences of a pair, E(p), E(q) how much
 * green changes towards them and F = |limit16(X(p) - X(q))|, the pair has
 *
 *   c(p) = avg(E(p), F >> 1) + 16, c(q) the same with E(q)
 *   X = mix(X(p), X(q), w(c(p), c(q), 3)), c = min(c(p), c(q))
 *
 * and the result is mix(X1, X2, w(c1, c2, 3)) of the two pairs 1 and 2. Q at a red site,
 * and P at a blue one, comes from the upper left and the lower right corner, and from the
 * upper right and the lower left one, with H = limit16(2 C - K) at each and E(p) =
 * |limit16(H - H(p))|. At a green site P and Q come from the sites left and right, and
 * above and below, with E(p) = 2 |G - G(p)|, G(p) the green sample behind that site; both
 * have the same weights, for which F is the larger of that of P and that of Q.
 *
 * Bilinear: two neighbours avg(a, b), four (a + b + c + d + 2) >> 2; of the three
 * colours then P = 2 (R - G), Q = 2 (B - G).
 *
 * @header: type FOVEA_ISP_BLOCK_DEMOSAIC
 * @direction_threshold: 14-bit units, 0 to 16383: a direction is chosen only
 *	where the gradients of the two directions differ by more than this;
 *	elsewhere both directions are averaged. Larger values suppress
 *	direction noise in flat areas. With @refine it is added to what each side
 *	costs, which makes sides the more alike
 * @refine: 0 or 1: 1 gives the better picture, at more cost
 * @reserved: must be 0
 */
struct fovea_isp_demosaic {
	struct v4l2_isp_params_block_header header;
	__u16 direction_threshold;
	__u16 refine;
	__u16 reserved[2];
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_ccm - Colour matrix
 *
 * Out of what the demosaic gives (G, P, Q, limit16(): struct fovea_isp_demosaic), with
 *
 *   g = limit16(coeff[i][0] + coeff[i][1] + coeff[i][2] - 4096)
 *   t(c, v) = limit16((c * v + 4096) >> 13)
 *
 * each colour is clamp(v, 0, 16383) of
 *
 *   v = limit16(limit16(G + limit16(t(coeff[i][0], P) + t(coeff[i][2], Q))) +
 *		 limit16(limit16((g * G + 2048) >> 12) + offset[i]))
 *
 * which is the matrix times (R, G, B) plus the offset. Disabled: the identity. Reset:
 * disabled. In a matrix that keeps white every row has the sum 1.0; that, no offset, and
 * coefficients of red and blue between -2.0 and 2.0, is fastest.
 *
 * @header: type FOVEA_ISP_BLOCK_CCM
 * @coeff: Q4.12 (-32768 to 32767 is -8.0 to 7.9998); 4096 is 1.0
 * @offset: 14-bit units, -16384 to 16383
 */
struct fovea_isp_ccm {
	struct v4l2_isp_params_block_header header;
	__s16 coeff[3][3];
	__s16 offset[3];
} __attribute__((aligned(8)));

/* Zones of the local tone: those of its curves and those of its histograms. */
#define FOVEA_ISP_LTM_ZONES_X		16
#define FOVEA_ISP_LTM_ZONES_Y		12

/* Points of each curve of struct fovea_isp_local_tone. */
#define FOVEA_ISP_LTM_POINTS		15

/**
 * struct fovea_isp_local_tone - Local tone mapping
 *
 * A gain of luminance that depends on the luminance and on the place. All three
 * colours of a pixel get the same gain, so that its hue stays. Disabled: gain 1.0.
 * Reset: disabled, all gains 1.0.
 *
 * The luminance of a quad (2x2 pixels) is L = (m[R] + 2 m[G] + m[B] + 2) >> 2, m =
 * (S + 2) >> 2, S the sums of each colour's four values. Points of a curve lie two an
 * octave apart in u = min(L, 16255) + 128: with e = floor(log2(u)) the lower one is
 * i = 2 (e - 7) + ((u >> (e - 1)) & 1), which is that of L = 0, 64, 128, 256, 384,
 * 640, 896, 1408, 1920, 2944, 3968, 6016, 8064, 12160, 16256, and the fraction is f =
 * (u << (16 - e)) & 32767.
 *
 * A curve belongs to the middle of its zone: the column of quads c(x) = (2 x + 1) *
 * quads_x / (2 * FOVEA_ISP_LTM_ZONES_X) (integer division), rows alike. A quad between
 * two middles has the fraction (quad - c(i)) * 32768 / (c(i + 1) - c(i)); in front of
 * the first and from the last on the curve is that of the outermost zone. With
 * between(a, b, f) = a + (((b - a) * f + 16384) >> 15), curves are interpolated first
 * down the columns, point by point, then each is read at L, and last the two
 * results are interpolated along the row. Each value becomes min(16383, (value * gain)
 * >> 12).
 *
 * @header: type FOVEA_ISP_BLOCK_LOCAL_TONE
 * @gain: UQ3.12, 0 to 32767 (7.9998); 4096 is 1.0: the points of each zone's curve,
 *	zones row by row
 */
struct fovea_isp_local_tone {
	struct v4l2_isp_params_block_header header;
	__u16 gain[FOVEA_ISP_LTM_ZONES_Y][FOVEA_ISP_LTM_ZONES_X][FOVEA_ISP_LTM_POINTS];
} __attribute__((aligned(8)));

/* Points of the curve of the gamma block, and those of its lower part. */
#define FOVEA_ISP_GAMMA_POINTS		32
#define FOVEA_ISP_GAMMA_LOW_SEGMENTS	16

/**
 * struct fovea_isp_gamma - Gamma
 *
 * A piecewise linear curve from 14-bit linear to 12-bit output, the same for
 * R, G and B: 16 segments of 64 below 1024, 15 segments of 1024 above. Within
 * segment i of 2^s with remainder f: out = y[i] + (((y[i+1] - y[i]) * f) >> s).
 * Disabled: out = in >> 2. Reset: disabled.
 *
 * @header: type FOVEA_ISP_BLOCK_GAMMA
 * @y: outputs at inputs 0, 64, ... 960, 1024, 2048, ... 16384; 0 to 4095, not
 *	decreasing
 */
struct fovea_isp_gamma {
	struct v4l2_isp_params_block_header header;
	__u16 y[FOVEA_ISP_GAMMA_POINTS];
} __attribute__((aligned(8)));

/* Nodes of the table of struct fovea_isp_lut3d in each colour. */
#define FOVEA_ISP_LUT3D_NODES		17

/**
 * struct fovea_isp_lut3d - Three-dimensional look-up table of colours
 *
 * What becomes of the colours R'G'B' behind gamma, at nodes that lie 256 apart in
 * each of them, with tetrahedral interpolation in between. A value v lies in the cell
 * v >> 8 and has the fraction v & 255. With the fractions in decreasing order f[0] >=
 * f[1] >= f[2], the walk from the node of the cell with the lowest indices goes one
 * node on first in the colour of f[0], then also of f[1], then of f[2]. With the four
 * nodes n[0] to n[3] on it each output is min(4095, ((256 - f[0]) n[0] + (f[0] -
 * f[1]) n[1] + (f[1] - f[2]) n[2] + f[2] n[3] + 128) >> 8). Disabled: no change.
 * Reset: disabled, each node i of a colour 256 i, which changes nothing either.
 *
 * @header: type FOVEA_ISP_BLOCK_LUT3D
 * @rgb: outputs R', G', B' in 12-bit units, 0 to 4096, of the node with these indices
 *	of R', G' and B'
 * @reserved: must be 0
 */
struct fovea_isp_lut3d {
	struct v4l2_isp_params_block_header header;
	__u16 rgb[FOVEA_ISP_LUT3D_NODES][FOVEA_ISP_LUT3D_NODES][FOVEA_ISP_LUT3D_NODES][3];
	__u16 reserved;
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_csc - Conversion of R'G'B' to Y'CbCr
 *
 * Luma has the full resolution: Y' = clamp(t[0] + t[2] + t[1] + offset[0], 0,
 * 4095), t[j] = (coeff[0][j] * in[j] + 4096) >> 13. Chroma has one sample for
 * each quad of 2x2 pixels, sited in its middle, of the sums S[j] of its four
 * inputs: C = clamp(t[0] + t[2] + t[1] + offset[i], 0, 4095), t[j] =
 * (coeff[i][j] * S[j] + 16384) >> 15. Each addition of terms and offset, from left
 * to right, is limited to -32768 to 32767. Rows are in the order Y', Cb, Cr;
 * inputs and outputs are 12-bit. Disabled or reset: BT.601 full range, {2449, 4809,
 * 934}, {-1382, -2714, 4096}, {4096, -3430, -666}, offsets {0, 2048, 2048}.
 *
 * @header: type FOVEA_ISP_BLOCK_CSC
 * @coeff: Q3.13 (-32768 to 32767 is -4.0 to 3.9999); 8192 is 1.0
 * @offset: -4096 to 4095 in 12-bit units
 */
struct fovea_isp_csc {
	struct v4l2_isp_params_block_header header;
	__s16 coeff[3][3];
	__s16 offset[3];
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_temporal_nr - Temporal noise reduction
 *
 * Each frame is mixed with a reference, which is the mixed frame before it, by a
 * weight that grows where the two differ by more than noise. The reference R of each
 * value of luma and chroma is Q12.3, 0 to 32760; r = (R + 4) >> 3 is its sample.
 *
 * In a quad (2x2 pixels, with their Cb and Cr) S = |sum of Y' - r over its four
 * pixels|, M is the largest S of the quad and of those to its left and right inside
 * of the frame, >> 2, and C the larger one of |Cb - r| and |Cr - r|. With E = max(0,
 * M - @threshold_luma, C - @threshold_chroma) the weight of the new frame is K =
 * min(32767, @weight + E * @slope). Each value v of the quad becomes r of the new
 * reference R + (((8 v - R) * K + 16384) >> 15).
 *
 * A frame that has no reference, or for which @restart is 1, is not changed and becomes
 * the reference as it is (R = 8 v). There is none for the first frame after the start
 * of streaming, and behind a frame with pictures for which the block was disabled.
 * Frames of which no picture is made do not count. Disabled: no change. Reset:
 * disabled, @weight 32767, all other values 0.
 *
 * @header: type FOVEA_ISP_BLOCK_TEMPORAL_NR
 * @weight: UQ1.15, 0 to 32767 (1.0): weight of a frame that does not differ. At a
 *	weight a the noise of what does not move falls by 10 log10((2 - a) / a) dB
 * @threshold_luma: 12-bit units, 0 to 4095: differences that are noise
 * @threshold_chroma: 12-bit units, 0 to 4095
 * @slope: UQ1.15 for each 12-bit unit, 0 to 65535: weight for what differs by more
 * @restart: 0 or 1: forget the reference
 * @reserved: must be 0
 */
struct fovea_isp_temporal_nr {
	struct v4l2_isp_params_block_header header;
	__u16 weight;
	__u16 threshold_luma;
	__u16 threshold_chroma;
	__u16 slope;
	__u16 restart;
	__u16 reserved[3];
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_chroma_nr - Chroma noise reduction
 *
 * A separable smoothing of the planes Cb and Cr (one sample a quad, 12 bits) that
 * keeps edges: in a row, and then in a column of the results, each sample c
 * becomes c + ((@strength * S + 16384) >> 15), where S is the sum over its
 * neighbours n at distances 1 and 2 on both sides of clamp(n - c, -@threshold,
 * @threshold). Samples outside of the frame are those at its border. Disabled: no
 * change. Reset: disabled, all values 0.
 *
 * @header: type FOVEA_ISP_BLOCK_CHROMA_NR
 * @threshold: 12-bit units, 0 to 4095: differences beyond it count as an edge
 * @strength: UQ1.15, 0 to 8192 (0.25); 6554 is the mean of the five samples
 * @reserved: must be 0
 */
struct fovea_isp_chroma_nr {
	struct v4l2_isp_params_block_header header;
	__u16 threshold;
	__u16 strength;
	__u16 reserved[2];
} __attribute__((aligned(8)));

/**
 * struct fovea_isp_sharpen - Sharpening
 *
 * Luma minus its blurred version is added to it. With avg(a, b) = (a + b + 1) >> 1:
 * v(x, y) = avg(avg(Y(x, y-1), Y(x, y+1)), Y(x, y)), the blurred b(x, y) =
 * avg(avg(v(x-1, y), v(x+1, y)), v(x, y)), and d = Y - b. Differences up to
 * @coring are noise: e = d - clamp(d, -@coring, @coring). The output is
 * clamp(Y + clamp((e * @strength + 2048) >> 12, -@limit_dark, @limit_bright), 0,
 * 4095). Samples outside of the frame are those mirrored about the first and last
 * row and column. Disabled: no change. Reset: disabled, all values 0.
 *
 * @header: type FOVEA_ISP_BLOCK_SHARPEN
 * @strength: UQ3.12, 0 to 32767 (7.9998); 4096 is 1.0
 * @coring: 12-bit units, 0 to 4095
 * @limit_bright: the most that a pixel becomes brighter, 12-bit units, 0 to 4095
 * @limit_dark: the most that a pixel becomes darker, 12-bit units, 0 to 4095
 */
struct fovea_isp_sharpen {
	struct v4l2_isp_params_block_header header;
	__u16 strength;
	__u16 coring;
	__u16 limit_bright;
	__u16 limit_dark;
} __attribute__((aligned(8)));

/* Nodes of the mesh of struct fovea_isp_dewarp. */
#define FOVEA_ISP_DEWARP_NODES_X	33
#define FOVEA_ISP_DEWARP_NODES_Y	25

/**
 * struct fovea_isp_dewarp - Correction of geometry
 *
 * Each pixel is taken from its own place plus a displacement, which is given on a mesh
 * of 33x25 nodes and interpolated between them. Node i of a row lies at the column
 * s(i) = i * width / 32 of pixels (integer division), those of a column at the rows
 * j * height / 24. A pixel x of cell i, s(i) <= x < s(i + 1), has the fraction (x - s(i))
 * * 32768 / (s(i + 1) - s(i)). With between(a, b, f) = a + (((b - a) * f + 16384) >> 15)
 * displacements are interpolated first down the columns of nodes, then along the row.
 *
 * In units of 1/32 pixel the place is px = clamp(32 x + dx, 0, 32 (width - 1)), py alike.
 * With X = px >> 5, f = px & 31, Y = py >> 5, g = py & 31, v(X, Y) the value at a pixel,
 * and mix(a, b, f) = a + (((b - a) * f + 16) >> 5), it is mix(a, b, g) of a = mix(v(X,
 * Y), v(X + 1, Y), f) and b the same of row Y + 1. Cb and Cr have the displacement of
 * the upper left pixel of their quad, >> 1, in units of 1/32 of their samples. R', G'
 * and B' of RGB formats are moved as Y'. Disabled: no change. Reset: disabled, all
 * values 0.
 *
 * Displacements that change by less than a pixel over 16 of a row are fastest.
 *
 * @header: type FOVEA_ISP_BLOCK_DEWARP
 * @dx: nodes row by row, Q11.5 pixels, -16384 to 16383 (-512 to 511.97)
 * @dy: the same for the vertical displacement
 * @reserved: must be 0
 */
struct fovea_isp_dewarp {
	struct v4l2_isp_params_block_header header;
	__s16 dx[FOVEA_ISP_DEWARP_NODES_Y][FOVEA_ISP_DEWARP_NODES_X];
	__s16 dy[FOVEA_ISP_DEWARP_NODES_Y][FOVEA_ISP_DEWARP_NODES_X];
	__u16 reserved[2];
} __attribute__((aligned(8)));

/* Geometry of the exposure statistics. */
#define FOVEA_ISP_AE_ZONES_X		16
#define FOVEA_ISP_AE_ZONES_Y		16
#define FOVEA_ISP_AE_ZONES		(FOVEA_ISP_AE_ZONES_X * FOVEA_ISP_AE_ZONES_Y)
#define FOVEA_ISP_AE_HIST_BINS		1024

/**
 * struct fovea_isp_ae_stats_config - Configuration of the exposure statistics
 *
 * Enabled at reset with all weights 1. Disabled: the AE part of the statistics
 * is zero and its valid flag is not set.
 *
 * @header: type FOVEA_ISP_BLOCK_AE_STATS
 * @weights: weight of each zone in the histogram, row by row, 0 to 15
 */
struct fovea_isp_ae_stats_config {
	struct v4l2_isp_params_block_header header;
	__u8 weights[FOVEA_ISP_AE_ZONES];
} __attribute__((aligned(8)));

/* Geometry of the white-balance statistics. */
#define FOVEA_ISP_AWB_ZONES_X		32
#define FOVEA_ISP_AWB_ZONES_Y		32
#define FOVEA_ISP_AWB_ZONES		(FOVEA_ISP_AWB_ZONES_X * FOVEA_ISP_AWB_ZONES_Y)

/**
 * struct fovea_isp_awb_stats_config - Configuration of the AWB statistics
 *
 * Enabled at reset with saturation 15872 and dark 0. Disabled: the AWB part of
 * the statistics is zero and its valid flag is not set.
 *
 * @header: type FOVEA_ISP_BLOCK_AWB_STATS
 * @saturation: 0 to 16383: a quad with any sample at or above it is counted as
 *	saturated and not summed
 * @dark: 0 to 16383, less than @saturation: a quad not saturated, with all
 *	samples below it, is counted as dark and not summed
 * @reserved: must be 0
 */
struct fovea_isp_awb_stats_config {
	struct v4l2_isp_params_block_header header;
	__u16 saturation;
	__u16 dark;
	__u16 reserved[2];
} __attribute__((aligned(8)));

/* Geometry of the focus statistics. */
#define FOVEA_ISP_AF_ZONES_X		16
#define FOVEA_ISP_AF_ZONES_Y		16
#define FOVEA_ISP_AF_ZONES		(FOVEA_ISP_AF_ZONES_X * FOVEA_ISP_AF_ZONES_Y)
#define FOVEA_ISP_AF_FILTERS		2

/**
 * struct fovea_isp_af_stats_config - Configuration of the focus statistics
 *
 * Disabled: the AF part of the statistics is zero and its valid flag is not set.
 * Reset: disabled, thresholds 0.
 *
 * @header: type FOVEA_ISP_BLOCK_AF_STATS
 * @threshold: of each filter, 12-bit units, 0 to 8190: what is taken off every
 *	filtered value, so that noise does not add up
 * @reserved: must be 0
 */
struct fovea_isp_af_stats_config {
	struct v4l2_isp_params_block_header header;
	__u16 threshold[FOVEA_ISP_AF_FILTERS];
	__u16 reserved[2];
} __attribute__((aligned(8)));

/* Most entries of the row sums. */
#define FOVEA_ISP_ROW_SUMS		1024

/**
 * struct fovea_isp_row_stats_config - Configuration of the row sums
 *
 * The brightness of rows, in which lamps that flicker leave bands. Disabled: the
 * row part of the statistics is zero and its valid flag is not set. Reset:
 * disabled, @saturation 16383.
 *
 * @header: type FOVEA_ISP_BLOCK_ROW_STATS
 * @saturation: 14-bit units, 0 to 16383: quads whose mean (R + Gr + Gb + B + 2) >> 2
 *	is this or more are left out, as they do not follow the light
 * @reserved: must be 0
 */
struct fovea_isp_row_stats_config {
	struct v4l2_isp_params_block_header header;
	__u16 saturation;
	__u16 reserved[3];
} __attribute__((aligned(8)));

/* Geometry of the histograms of zones. */
#define FOVEA_ISP_TONE_ZONES_X		16
#define FOVEA_ISP_TONE_ZONES_Y		12
#define FOVEA_ISP_TONE_ZONES		(FOVEA_ISP_TONE_ZONES_X * FOVEA_ISP_TONE_ZONES_Y)
#define FOVEA_ISP_TONE_HIST_BINS	32

/**
 * enum fovea_isp_tone_measure - What the histograms of zones count of a quad
 *
 * @FOVEA_ISP_TONE_MEAN: the mean (R + Gr + Gb + B + 2) >> 2
 * @FOVEA_ISP_TONE_BRIGHTEST: the largest of the four samples
 */
enum fovea_isp_tone_measure {
	FOVEA_ISP_TONE_MEAN = 0,
	FOVEA_ISP_TONE_BRIGHTEST = 1,
};

/**
 * struct fovea_isp_tone_stats_config - Configuration of the histograms of zones
 *
 * What a local tone mapping needs to know. Disabled: the tone part of the
 * statistics is zero and its valid flag is not set. Reset: disabled, @measure
 * FOVEA_ISP_TONE_MEAN.
 *
 * @header: type FOVEA_ISP_BLOCK_TONE_STATS
 * @measure: enum fovea_isp_tone_measure
 * @reserved: must be 0
 */
struct fovea_isp_tone_stats_config {
	struct v4l2_isp_params_block_header header;
	__u16 measure;
	__u16 reserved[3];
} __attribute__((aligned(8)));

/* Largest parameters buffer: every block once. */
#define FOVEA_ISP_PARAMS_MAX_DATA_SIZE			\
	(sizeof(struct fovea_isp_black_level) +		\
	 sizeof(struct fovea_isp_wb_gains) +		\
	 sizeof(struct fovea_isp_demosaic) +		\
	 sizeof(struct fovea_isp_ccm) +			\
	 sizeof(struct fovea_isp_gamma) +		\
	 sizeof(struct fovea_isp_csc) +			\
	 sizeof(struct fovea_isp_ae_stats_config) +	\
	 sizeof(struct fovea_isp_awb_stats_config) +	\
	 sizeof(struct fovea_isp_dpc) +			\
	 sizeof(struct fovea_isp_decompand) +		\
	 sizeof(struct fovea_isp_merge) +		\
	 sizeof(struct fovea_isp_range) +		\
	 sizeof(struct fovea_isp_lsc) +			\
	 sizeof(struct fovea_isp_raw_nr) +		\
	 sizeof(struct fovea_isp_cac) +			\
	 sizeof(struct fovea_isp_chroma_nr) +		\
	 sizeof(struct fovea_isp_sharpen) +		\
	 sizeof(struct fovea_isp_af_stats_config) +	\
	 sizeof(struct fovea_isp_row_stats_config) +	\
	 sizeof(struct fovea_isp_tone_stats_config) +	\
	 sizeof(struct fovea_isp_local_tone) +		\
	 sizeof(struct fovea_isp_lut3d) +		\
	 sizeof(struct fovea_isp_temporal_nr) +		\
	 sizeof(struct fovea_isp_dewarp))

#define FOVEA_ISP_PARAMS_MAX_SIZE			\
	(sizeof(struct v4l2_isp_params_buffer) + FOVEA_ISP_PARAMS_MAX_DATA_SIZE)

/* ---------------------------------------------------------------------------
 * Scaling and packing
 *
 * Neither has parameters: the crop rectangle and the formats of the queues
 * determine them. Inputs are Y'CbCr behind the last block or, for RGB formats, R'G'B',
 * 12 bits, in full resolution: the four pixels of a quad have its chroma.
 *
 * R'G'B' are those that enter the conversion to Y'CbCr, changed by what the blocks
 * behind it change of Y' (dY), Cb (dCb) and Cr (dCr): v[i] + ((M[i][0] dY + M[i][1] dCb
 * + M[i][2] dCr + 2048) >> 12), limited to 0 to 4095. M is the inverse of the matrix A
 * of the conversion, Q4.12: adj(A) * 2^25 / det(A), rounded to nearest, ties up, and
 * limited to -32768 to 32767; all 0 where det(A) is 0.
 *
 * Scaling by cubic convolution (a = -1/2), rows first, then columns, each
 * plane alike. For in samples to out samples, output i lies at c = (2 i + 1) *
 * in * 2048 / out - 2048 (integer division; unit 1/4096 sample) and takes sample
 * k with the weight w(t), t = |4096 k - c|, divided by the ratio where it scales
 * down: t * out / in (integer division). With u = 4096, w(t) is 3 t^3 - 5 u t^2
 * + 2 u^3 for t < u, -t^3 + 5 u t^2 - 8 u^2 t + 4 u^3 for u <= t < 2 u, else 0.
 * Samples beyond the crop rectangle are those at its border. Coefficients are
 * Q2.14: w * 16384 / (sum of w), rounded to nearest, ties up; what is missing to
 * a sum of 16384 is added to the largest, the first of equal ones. Rows: h =
 * (sum of coeff * in + 2048) >> 12; columns: clamp((sum of coeff * h + 32768) >>
 * 16, 0, 4095). At 1:1 nothing changes. Limits: 1/32 to 16 in each direction.
 *
 * For NV12 and NV21 the samples of chroma, one for each quad of the frame, are scaled
 * to those of the output, sited in the middle of their quads. From in columns of a crop
 * rectangle that begins at the column s to out samples of chroma, output i lies at c =
 * (s & 1) * 2048 + (2 i + 1) * in * 1024 / out - 2048, where sample 0 is that of the
 * quad with the column s, and t is that times 2 * out / in; rows alike. All other
 * formats have their chroma scaled in full resolution.
 *
 * 8-bit samples are min(255, (v + 8) >> 4). The chroma samples of NV16 and YUYV are
 * min(255, (sum + 16) >> 5) over two pixels of a row. GREY has luma only. Bytes
 * of BGR24 are B, G, R, those of XBGR32 B, G, R, 255.
 */

/* ---------------------------------------------------------------------------
 * Statistics
 */

/**
 * struct fovea_isp_zone_geometry - Where the zones of a statistic lie
 *
 * Zone (x, y) covers the quads (2x2 samples of the mosaic) with columns s(x) to
 * s(x + 1) - 1, where s(x) is x * @quads_x / @zones_x (integer division), rounded
 * down to an even number unless x is @zones_x; and the rows y * @quads_y / @zones_y
 * to (y + 1) * @quads_y / @zones_y - 1.
 *
 * @zones_x: number of zones in a row
 * @zones_y: number of rows of zones
 * @quads_x: quads in a row of the frame
 * @quads_y: rows of quads in the frame
 */
struct fovea_isp_zone_geometry {
	__u16 zones_x;
	__u16 zones_y;
	__u16 quads_x;
	__u16 quads_y;
};

/**
 * struct fovea_isp_ae_zone - Sums of one exposure zone
 *
 * Sums over all quads of the zone, saturated or not, of the samples behind the
 * black-level block (14-bit). The green sum adds (Gr + Gb + 1) >> 1 of each quad.
 *
 * @r: sum of red
 * @g: sum of green
 * @b: sum of blue
 * @count: number of quads
 */
struct fovea_isp_ae_zone {
	__u32 r;
	__u32 g;
	__u32 b;
	__u32 count;
};

/**
 * struct fovea_isp_awb_zone - Sums of one white-balance zone
 *
 * @r: sum of red over the counted quads, 14-bit samples behind black level
 * @g: sum of (Gr + Gb + 1) >> 1
 * @b: sum of blue
 * @count: quads that are summed
 * @saturated: quads left out as saturated
 * @dark: quads left out as dark
 */
struct fovea_isp_awb_zone {
	__u32 r;
	__u32 g;
	__u32 b;
	__u32 count;
	__u32 saturated;
	__u32 dark;
};

/**
 * struct fovea_isp_af_zone - Focus values of one zone
 *
 * Sums over the quads of the zone of max(0, f - threshold). With L the sum of the
 * four samples of a quad, >> 4 (12 bits), the filters along the row are f[0] =
 * |L(x-1) - 2 L(x) + L(x+1)|, for details of single pixels, and f[1] = |L(x-2) +
 * L(x-1) - L(x+1) - L(x+2)|, for softer edges. Quads outside of the frame are
 * those at its border.
 *
 * @sum: of each filter
 */
struct fovea_isp_af_zone {
	__u32 sum[FOVEA_ISP_AF_FILTERS];
};

/**
 * struct fovea_isp_row_geometry - Where the row sums lie
 *
 * Entry i has the rows of quads i * @quad_rows to (i + 1) * @quad_rows - 1, as far
 * as they are inside of the frame. @quad_rows is the smallest power of two with
 * which FOVEA_ISP_ROW_SUMS entries are enough.
 *
 * @entries: entries in use, 1 to FOVEA_ISP_ROW_SUMS
 * @quad_rows: rows of quads in an entry: 1 for up to 2048 rows of samples
 * @quads_x: quads in a row of the frame
 * @quads_y: rows of quads in the frame
 */
struct fovea_isp_row_geometry {
	__u16 entries;
	__u16 quad_rows;
	__u16 quads_x;
	__u16 quads_y;
};

/**
 * struct fovea_isp_row_sum - Sum of some rows
 *
 * @sum: sum of (R + Gr + Gb + B + 2) >> 2 over the quads that are not left out,
 *	14-bit samples behind the black level
 * @count: number of these quads
 */
struct fovea_isp_row_sum {
	__u32 sum;
	__u32 count;
};

/**
 * struct fovea_isp_tone_zone - Histogram of one zone
 *
 * Four bins an octave for the 14-bit value v of each quad (enum
 * fovea_isp_tone_measure, behind the black level, before all gains): bin v >> 5
 * where v < 128, else 4 * (k - 7) + (v >> (k - 2)) with 2^k <= v < 2^(k + 1).
 *
 * @bins: quads in each bin
 */
struct fovea_isp_tone_zone {
	__u32 bins[FOVEA_ISP_TONE_HIST_BINS];
};

/*
 * Versions of struct fovea_isp_stats_buffer. Version 1, of hardware revision 1,
 * ends with @af_zones.
 */
#define FOVEA_ISP_STATS_VERSION_1	1
#define FOVEA_ISP_STATS_VERSION_2	2

/* Flags of struct fovea_isp_stats_buffer: which parts are valid. */
#define FOVEA_ISP_STATS_FL_AE		(1U << 0)
#define FOVEA_ISP_STATS_FL_AWB		(1U << 1)
#define FOVEA_ISP_STATS_FL_AF		(1U << 2)
#define FOVEA_ISP_STATS_FL_ROWS		(1U << 3)
#define FOVEA_ISP_STATS_FL_TONE		(1U << 4)

/**
 * struct fovea_isp_stats_buffer - Statistics of a frame
 *
 * @version: FOVEA_ISP_STATS_VERSION_2
 * @sequence: sequence number of the frame, as in its video buffers
 * @flags: FOVEA_ISP_STATS_FL_*
 * @reserved: 0
 * @ae_geometry: geometry of @ae_zones
 * @awb_geometry: geometry of @awb_zones
 * @ae_histogram: weighted histogram of (R + Gr + Gb + B + 2) >> 2 (14-bit) of every
 *	second quad, those whose column and row have an even sum; bin = value >> 4; each
 *	of them adds the weight of its zone
 * @ae_zones: exposure zones, row by row
 * @awb_zones: white-balance zones, row by row
 * @af_geometry: geometry of @af_zones
 * @af_zones: focus zones, row by row
 * @row_geometry: geometry of @row_sums
 * @row_sums: row sums from top to bottom; entries not in use are zero
 * @tone_geometry: geometry of @tone_zones
 * @tone_zones: histograms of the tone zones, row by row
 */
struct fovea_isp_stats_buffer {
	__u32 version;
	__u32 sequence;
	__u32 flags;
	__u32 reserved;
	struct fovea_isp_zone_geometry ae_geometry;
	struct fovea_isp_zone_geometry awb_geometry;
	__u32 ae_histogram[FOVEA_ISP_AE_HIST_BINS];
	struct fovea_isp_ae_zone ae_zones[FOVEA_ISP_AE_ZONES];
	struct fovea_isp_awb_zone awb_zones[FOVEA_ISP_AWB_ZONES];
	struct fovea_isp_zone_geometry af_geometry;
	struct fovea_isp_af_zone af_zones[FOVEA_ISP_AF_ZONES];
	struct fovea_isp_row_geometry row_geometry;
	struct fovea_isp_row_sum row_sums[FOVEA_ISP_ROW_SUMS];
	struct fovea_isp_zone_geometry tone_geometry;
	struct fovea_isp_tone_zone tone_zones[FOVEA_ISP_TONE_ZONES];
};

#endif /* _UAPI_FOVEA_ISP_H */
