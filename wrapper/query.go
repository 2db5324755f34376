package signalwire

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// encodeQuery writes the parameters of a query in the order of their fields.
// The ones that are unset are left out.
func encodeQuery(params any) string {
	v := reflect.Indirect(reflect.ValueOf(params))
	if v.Kind() != reflect.Struct {
		return ""
	}
	var b strings.Builder
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("form"), ",")
		field := v.Field(i)
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		}
		values := []reflect.Value{field}
		if field.Kind() == reflect.Slice {
			values = values[:0]
			for j := range field.Len() {
				values = append(values, field.Index(j))
			}
		}
		for _, value := range values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(url.QueryEscape(name) + "=" + url.QueryEscape(queryText(value)))
		}
	}
	return b.String()
}

func queryText(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case uuid.UUID:
		return value.String()
	case time.Time:
		return value.Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	}
	return fmt.Sprint(v.Interface())
}
