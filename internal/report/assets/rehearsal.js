// Draws the charts of the report from the data that stand in the page. It is written for old browsers.
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var runs = data.runs;
  var family = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Noto Sans SC",SimHei,sans-serif';
  var ink = '#1f2933', faint = '#5b6672', rule = '#e3e7eb';

  // Patterns: colour is never the only sign.
  var stripes = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: 'rgba(0,0,0,.28)' };
  var counter = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: Math.PI / 4, color: 'rgba(255,255,255,.45)' };
  var dots = { symbol: 'circle', dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: .6, color: 'rgba(0,0,0,.3)' };
  var none = { symbol: 'none' };

  var standings = [
    { name: '按期完成', color: '#2f7d53', decal: none },
    { name: '逾期完成', color: '#d9a514', decal: dots },
    { name: '在办绿灯', color: '#a8d5b9', decal: none },
    { name: '在办黄灯', color: '#f3dc86', decal: stripes },
    { name: '在办红灯', color: '#b8322a', decal: counter }
  ];
  var rungs = [
    { name: '督促函', key: 'letters', color: '#e0b02e', decal: none },
    { name: '通报', key: 'circulars', color: '#d4692a', decal: stripes },
    { name: '约谈', key: 'interviews', color: '#8f1f1a', decal: counter }
  ];
  var works = [
    { name: '审核报送', key: 'reviews', color: '#2f6db5', decal: none },
    { name: '签发文书', key: 'signOffs', color: '#d98324', decal: stripes },
    { name: '办理延期', key: 'applications', color: '#6d4f9c', decal: counter }
  ];

  function sum(list) { return list.reduce(function (a, b) { return a + b; }, 0); }
  function most(list) { return list.reduce(function (a, b) { return Math.max(a, b); }, 0); }

  // stacked returns the greatest height of the stacks of all runs, so that charts beside each other compare.
  function stacked(parts) {
    return most(runs.map(function (r) {
      return most(r[parts[0].key].map(function (_, i) {
        return sum(parts.map(function (p) { return r[p.key][i]; }));
      }));
    }));
  }

  // nice rounds a number up to a whole one that an axis can end with.
  function nice(n) {
    n = Math.ceil(Math.max(n, 1));
    if (n <= 10) { return n; }
    var unit = Math.pow(10, Math.floor(Math.log(n) / Math.LN10));
    var steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
    for (var i = 0; i < steps.length; i++) {
      if (steps[i] * unit >= n) { return Math.round(steps[i] * unit); }
    }
    return n;
  }

  function base(size) {
    return {
      animation: false,
      textStyle: { fontFamily: family, fontSize: size, color: ink },
      tooltip: { confine: true, textStyle: { fontFamily: family, fontSize: 13 } }
    };
  }

  function legend(parts, size) {
    return {
      top: 0, right: 0, itemWidth: 18, itemHeight: 11, itemGap: 14, textStyle: { fontSize: size, color: ink },
      data: parts.map(function (p) { return p.name; })
    };
  }

  function stack(parts, dates, run, size, top, unit) {
    var o = base(size);
    o.tooltip.trigger = 'axis';
    o.tooltip.axisPointer = { type: 'shadow' };
    o.legend = legend(parts, size);
    o.grid = { left: 46, right: 8, top: 30, bottom: 24 };
    o.xAxis = {
      type: 'category', data: dates, axisTick: { show: false }, axisLine: { lineStyle: { color: faint } },
      axisLabel: { color: faint, fontSize: size, hideOverlap: true, interval: years(dates), formatter: function (d) { return d.slice(0, 7); } },
      splitLine: { show: true, interval: years(dates), lineStyle: { color: rule } }
    };
    o.yAxis = {
      type: 'value', max: top, name: unit, nameTextStyle: { color: faint, align: 'right' }, nameGap: 10,
      axisLabel: { color: faint, fontSize: size }, splitLine: { lineStyle: { color: rule } }, minInterval: 1
    };
    o.series = parts.map(function (p) {
      return {
        name: p.name, type: 'bar', stack: 'all', barCategoryGap: '12%', data: run[p.key], itemStyle: { color: p.color, decal: p.decal }
      };
    });
    return o;
  }

  // years returns which of the dates begin a quarter: a label at each.
  function years(dates) {
    return function (i) {
      if (i === 0) { return true; }
      var month = +dates[i].slice(5, 7), before = +dates[i - 1].slice(5, 7);
      return month !== before && month % 6 === 1;
    };
  }

  // peak marks the highest stack.
  function peak(o, parts, dates, run, size) {
    var heights = dates.map(function (_, i) { return sum(parts.map(function (p) { return run[p.key][i]; })); });
    var top = most(heights);
    if (!top) { return o; }
    var at = heights.indexOf(top);
    o.series.push({
      type: 'scatter', symbolSize: 1, itemStyle: { color: 'transparent' }, silent: true, tooltip: { show: false }, data: [[at, top]],
      label: {
        show: true, position: 'top', distance: 2, color: ink, fontSize: size, fontWeight: 'bold', backgroundColor: 'rgba(255,255,255,.85)',
        padding: [0, 2], align: at < dates.length * .15 ? 'left' : at > dates.length * .85 ? 'right' : 'center',
        formatter: '最多 ' + top + '（' + dates[at] + '）'
      }
    });
    return o;
  }

  function share(part, whole) { return whole ? Math.round(part * 1000 / whole) / 10 : 0; }

  var rowHeight = 17;

  // How tall each kind of chart is; on paper the tall ones fit a page.
  var heights = {
    totals: function (paper) { return 40 + (paper ? 20 : 26) * runs.length; },
    escalations: function (paper) { return paper ? 172 : 220; },
    office: function (paper) { return paper ? 172 : 220; },
    notices: function (paper) { return paper ? Math.min(590, 70 + rowHeight * data.units.length) : 70 + rowHeight * data.units.length; },
    units: function (paper) { return paper ? Math.min(610, 60 + rowHeight * data.units.length) : 60 + rowHeight * data.units.length; }
  };

  var draw = {
    totals: function (_, size) {
      var o = base(size);
      o.tooltip.trigger = 'axis';
      o.tooltip.axisPointer = { type: 'shadow' };
      o.tooltip.formatter = function (items) {
        var run = runs[items[0].dataIndex];
        return tip(run.title, run.end);
      };
      o.legend = legend(standings, size);
      o.grid = { left: 200, right: 16, top: 28, bottom: 4 };
      o.xAxis = { type: 'value', max: 100, show: false };
      o.yAxis = {
        type: 'category', inverse: true, data: runs.map(function (r) { return r.title; }), axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { color: ink, fontSize: size, width: 190, overflow: 'break' }
      };
      o.series = standings.map(function (s, i) {
        return {
          name: s.name, type: 'bar', stack: 'all', barCategoryGap: '28%', itemStyle: { color: s.color, decal: s.decal },
          data: runs.map(function (r) {
            var part = share(r.end[i], sum(r.end));
            return { value: part, label: { show: part >= 3, formatter: part + '%' } };
          }),
          label: { position: 'inside', color: i === 0 || i === 4 ? '#fff' : ink, fontSize: size, backgroundColor: s.color, padding: [0, 3] }
        };
      });
      return o;
    },
    escalations: function (run, size) {
      return peak(stack(rungs, data.months, runs[run], size, nice(stacked(rungs)), '件'), rungs, data.months, runs[run], size);
    },
    office: function (run, size) {
      return peak(stack(works, data.weeks, runs[run], size, nice(stacked(works)), '件'), works, data.weeks, runs[run], size);
    },
    notices: function (run, size) {
      var o = base(size), cells = [], top = most(runs.map(function (r) { return most(r.notices.map(most)); }));
      var pieces = bins(top);
      runs[run].notices.forEach(function (row, y) {
        row.forEach(function (n, x) {
          if (n) { cells.push({ value: [x, y, n], label: { color: n > pieces[2].max ? '#fff' : ink } }); }
        });
      });
      o.tooltip.formatter = function (p) {
        return data.units[p.value[1]] + '<br>' + data.months[p.value[0]] + '：' + p.value[2] + ' 件';
      };
      o.grid = { left: 118, right: 4, top: 28 + 3 * size, bottom: 4 };
      o.xAxis = {
        type: 'category', position: 'top', data: data.months, axisTick: { show: false }, axisLine: { show: false }, splitArea: { show: false },
        axisLabel: {
          color: faint, fontSize: size - 1, interval: 0, lineHeight: size + 1,
          formatter: function (m) { var month = +m.slice(5); return month + (month === 1 || m === data.months[0] ? '\n' + m.slice(0, 4) : '\n '); }
        }
      };
      o.yAxis = {
        type: 'category', inverse: true, data: data.units, axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { color: ink, fontSize: size, interval: 0, width: 112, overflow: 'truncate' }
      };
      o.visualMap = {
        type: 'piecewise', orient: 'horizontal', top: 0, right: 0, itemWidth: 18, itemHeight: 11, itemGap: 12, textStyle: { fontSize: size, color: ink },
        pieces: pieces, padding: 0
      };
      o.series = [{
        type: 'heatmap', data: cells, label: { show: true, fontSize: size - 1 }, itemStyle: { borderColor: '#fff', borderWidth: 1 },
        emphasis: { itemStyle: { borderColor: ink } }
      }];
      return o;
    },
    units: function (_, size) {
      var o = base(size), left = 118, gap = 36, n = runs.length;
      o.tooltip.formatter = function (p) {
        return tip(data.units[p.dataIndex] + '·' + runs[p.seriesId.split('-')[0]].title, runs[p.seriesId.split('-')[0]].units[p.dataIndex]);
      };
      o.legend = legend(standings, size);
      o.title = [];
      o.grid = [];
      o.xAxis = [];
      o.yAxis = [];
      o.series = [];
      var width = this.width - left - 6, each = width / n;
      runs.forEach(function (r, k) {
        o.title.push({
          text: r.title, left: left + each * k, top: 26, padding: 0,
          textStyle: { fontSize: size, fontWeight: 'bold', color: ink, width: each - 12, overflow: 'truncate' }
        });
        o.grid.push({ left: left + each * k, width: each - gap, top: 46, bottom: 4 });
        o.xAxis.push({ type: 'value', gridIndex: k, max: 100, show: false });
        o.yAxis.push({
          type: 'category', gridIndex: k, inverse: true, data: data.units, axisTick: { show: false }, axisLine: { show: false },
          axisLabel: { show: k === 0, color: ink, fontSize: size, interval: 0, width: 112, overflow: 'truncate' }
        });
        standings.forEach(function (s, i) {
          o.series.push({
            id: k + '-' + i, name: s.name, type: 'bar', stack: 'all' + k, xAxisIndex: k, yAxisIndex: k, barCategoryGap: '22%',
            // Thousands of patterns would take printers minutes: here the order and the figures say it without colour.
            itemStyle: { color: s.color },
            data: r.units.map(function (end) { return share(end[i], sum(end)); }),
            label: i < 4 ? { show: false } : {
              show: true, position: 'right', distance: 3, color: '#8f1f1a', fontSize: size - 1, fontWeight: 'bold',
              formatter: function (p) { return r.units[p.dataIndex][4] || ''; }
            }
          });
        });
      });
      return o;
    }
  };

  function tip(title, end) {
    return title + '<br>' + standings.map(function (s, i) {
      return s.name + '：' + end[i] + ' 件（' + share(end[i], sum(end)) + '%）';
    }).join('<br>');
  }

  // bins divides the numbers of notices into steps that double, since a few units get very many.
  function bins(top) {
    var colors = ['#e4eef7', '#c6dbee', '#94bfe0', '#5b9bcb', '#2a71ab', '#0f4778'], step = nice(top / 32), out = [], from = 1;
    for (var i = 0; i < colors.length; i++) {
      out.push({ min: from, max: step, color: colors[i], label: from === step ? '' + from : from + '—' + step });
      from = step + 1;
      step *= 2;
    }
    return out;
  }

  var drawn = [];

  function option(box, paper) {
    return draw[box.getAttribute('data-chart')].call({ width: box.clientWidth }, +box.getAttribute('data-run'), paper ? 9.5 : 12);
  }

  function size(box, paper) { box.style.height = heights[box.getAttribute('data-chart')](paper) + 'px'; }

  function show(box, paper) {
    size(box, paper);
    var chart = echarts.init(box, null, { renderer: 'svg', locale: 'ZH' });
    chart.setOption(option(box, paper));
    box.setAttribute('role', 'img');
    drawn.push({ box: box, chart: chart });
  }

  function all() { return Array.prototype.slice.call(document.querySelectorAll('.chart')); }

  function pending(box) { return !drawn.some(function (d) { return d.box === box; }); }

  // refresh draws what can be seen and is not drawn yet, and fits the rest to its place.
  function refresh(paper) {
    drawn.forEach(function (d) {
      if (!d.box.clientWidth) { return; }
      size(d.box, paper);
      d.chart.resize();
      d.chart.setOption(option(d.box, paper), true);
    });
    all().filter(pending).forEach(function (box) { if (box.clientWidth) { show(box, paper); } });
  }

  Array.prototype.forEach.call(document.querySelectorAll('.tabs'), function (tabs) {
    var panels = document.querySelectorAll('.panel[data-tabs="' + tabs.getAttribute('data-for') + '"]');
    var buttons = tabs.querySelectorAll('button');
    function choose(run) {
      Array.prototype.forEach.call(buttons, function (b) { b.setAttribute('aria-pressed', b.getAttribute('data-run') === run ? 'true' : 'false'); });
      Array.prototype.forEach.call(panels, function (p) { p.classList[p.getAttribute('data-run') === run ? 'add' : 'remove']('shown'); });
    }
    Array.prototype.forEach.call(buttons, function (b) {
      b.addEventListener('click', function () { choose(b.getAttribute('data-run')); refresh(false); });
    });
    choose('0');
  });
  document.body.classList.add('tabbed');

  var waiting;
  window.addEventListener('resize', function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () { refresh(false); }, 150);
  });
  window.addEventListener('beforeprint', function () {
    document.body.classList.add('printing');
    refresh(true);
  });
  window.addEventListener('afterprint', function () {
    document.body.classList.remove('printing');
    refresh(false);
  });
  refresh(false);
})();
