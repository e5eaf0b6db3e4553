// Charts are drawn from the table that stands below them, so that both say the same. A column whose heading has data-series
// is drawn in that colour; the one with data-beside stands beside the row's name.
"use strict";
(() => {
	const style = getComputedStyle(document.documentElement);
	const colour = (name) => style.getPropertyValue("--" + name).trim();
	// Colour is never the only sign: each has a pattern of its own.
	const patterns = {
		green: { symbol: "none" },
		yellow: { symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [3, 3], rotation: Math.PI / 4, color: "rgba(255,255,255,.45)" },
		red: { symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: -Math.PI / 4, color: "rgba(255,255,255,.75)" },
	};
	const text = (cell) => cell.textContent.trim();

	const read = (table, limit) => {
		const heads = [...table.tHead.rows[0].cells];
		const beside = heads.findIndex((h) => "beside" in h.dataset);
		let rows = [...table.tBodies[0].rows];
		if (limit > 0) rows = rows.slice(0, limit);
		return {
			names: rows.map((r) => text(r.cells[0]) + (beside < 0 ? "" : "  " + text(r.cells[beside]))),
			series: heads.flatMap((h, i) => h.dataset.series ? [{ name: text(h), colour: h.dataset.series, values: rows.map((r) => Number(text(r.cells[i]))) }] : []),
		};
	};

	// A number is written into its bar where there is room for it: along is the longest bar's length, across is how thick each is.
	const fits = (value, longest, along, across, bars) => {
		const [length, thickness, wide] = [value / longest * along, across, String(value).length * 7 + 2];
		return bars ? length > wide && thickness > 12 : length > 14 && thickness > wide;
	};

	const option = (kind, data, width, height) => {
		const bars = kind === "bars";
		const narrow = width < 500;
		const longest = Math.max(1, ...data.names.map((_, i) => data.series.reduce((sum, s) => sum + s.values[i], 0)));
		const along = bars ? width - 150 : height - 90;
		const across = bars ? 16 : (width - 60) / data.names.length * .8;
		const names = {
			type: "category", data: data.names, inverse: bars, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("line") } },
			axisLabel: { color: colour("ink"), fontSize: 12, hideOverlap: !bars, interval: bars ? 0 : "auto" },
		};
		const numbers = {
			type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour("hair") } }, axisLabel: { color: colour("quiet"), fontSize: 11 },
		};
		return {
			animation: false,
			textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
			grid: { left: 8, right: 24, top: 36, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
			legend: { top: 0, left: 0, itemWidth: 18, itemHeight: 12, itemGap: narrow ? 8 : 16, textStyle: { color: colour("ink"), fontSize: 12 } },
			tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, confine: true },
			xAxis: bars ? numbers : names,
			yAxis: bars ? names : numbers,
			series: data.series.map((s) => ({
				type: "bar", stack: "all", name: s.name, data: s.values, barMaxWidth: bars ? 16 : 34,
				itemStyle: { color: colour(s.colour), decal: patterns[s.colour], borderColor: "#fff", borderWidth: .5 },
				label: {
					show: true, color: "#fff", textBorderColor: colour(s.colour), textBorderWidth: 3, fontSize: 11,
					formatter: (p) => fits(p.value, longest, along, across, bars) ? String(p.value) : "",
				},
			})),
		};
	};

	const drawn = new Map(); // charts, and how to fit them, by the element that they are drawn on
	const opened = new Map(); // whether somebody unfolded a table, by its id
	const watch = new ResizeObserver((entries) => entries.forEach((e) => drawn.get(e.target)?.fit()));

	const draw = (box) => {
		const canvas = box.querySelector(".canvas");
		const fold = box.querySelector("details");
		const data = read(box.querySelector("table"), Number(box.dataset.limit));
		if (data.series.every((s) => s.values.every((v) => v === 0))) return; // there is nothing to see but the table
		const bars = box.dataset.chart === "bars";
		canvas.style.height = bars ? (data.names.length * 22 + 48) + "px" : "20rem";
		const chart = echarts.init(canvas, null, { renderer: "canvas", locale: "ZH", devicePixelRatio: Math.max(2, devicePixelRatio) });
		const fit = () => {
			chart.resize();
			chart.setOption(option(box.dataset.chart, data, canvas.clientWidth, canvas.clientHeight));
		};
		fit();
		drawn.set(canvas, { chart, fit });
		watch.observe(canvas);
		fold.open = opened.get(fold.id) ?? false;
		fold.addEventListener("toggle", () => opened.set(fold.id, fold.open));
	};

	const drawAll = (root) => {
		for (const [canvas, { chart }] of drawn) {
			if (canvas.isConnected) continue;
			watch.unobserve(canvas);
			chart.dispose();
			drawn.delete(canvas);
		}
		root.querySelectorAll("[data-chart]").forEach((box) => {
			if (!drawn.has(box.querySelector(".canvas"))) draw(box);
		});
	};
	drawAll(document);
	document.addEventListener("htmx:afterSwap", (event) => drawAll(event.detail.target));
})();
