// Package echarts carries Apache ECharts 6.1.0, unmodified, with its licences beside it, for every page that draws charts:
// nothing is fetched from elsewhere.
package echarts

import _ "embed"

// Script is the whole library, minified.
//
//go:embed echarts.min.js
var Script string
